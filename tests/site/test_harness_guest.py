"""What a NixOS machine does at each boot to find and trust the stores."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

from harness.host.deadline import Deadline
from harness.site.nix import nix
from tests.site.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

_MODULE = f"(import {ROOT}/nixos-tests/harness-guest.nix {{ pkgs = {{ }}; }})"
_SCRIPT = f"{_MODULE}.systemd.services.gate-added.script"


def test_what_was_added_to_etc_is_added_again_by_the_programs_of_a_service_alone(
    nix_store: Path, tmp_path: Path
) -> None:
    """NixOS gives a service neither a shell nor a login environment."""
    arguments = ["--eval", "--strict", "--json", "--expr", _SCRIPT]
    script = json.loads(nix("nix-instantiate", arguments, nix_store=nix_store, deadline=Deadline(60)).stdout)

    kept, programs = tmp_path / "kept", tmp_path / "bin"
    programs.mkdir()
    for program in ("cat", "find"):
        (programs / program).symlink_to(shutil.which(program) or "")
    for place, text in ((kept, "added\n"), (tmp_path, "written by activation\n")):
        file = place / "etc/ssl/a name"
        file.parent.mkdir(parents=True)
        file.write_text(text)

    here = script.replace("/var/lib/pg-archive-gate/added", str(kept)).replace('"/$file"', f'"{tmp_path}/$file"')
    done = subprocess.run(
        ["/bin/bash", "-e", "-c", here], env={"PATH": str(programs)}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "etc/ssl/a name").read_text() == "written by activation\nadded\n"


def test_the_journal_is_cut_short_by_no_release_of_nixos(nix_store: Path) -> None:
    """services.journald.rateLimitBurst was renamed in nixpkgs' pull request 536538; the old name will go."""
    limits = f'{_MODULE}.environment.etc."systemd/journald.conf.d/pg-archive-gate.conf".text'
    read = nix("nix-instantiate", ["--eval", "--json", "--expr", limits], nix_store=nix_store, deadline=Deadline(60))
    assert json.loads(read.stdout) == "[Journal]\nRateLimitBurst=0\n"
    named = ["--eval", "--json", "--expr", f"{_MODULE} ? services"]
    assert nix("nix-instantiate", named, nix_store=nix_store, deadline=Deadline(60)).stdout.strip() == "false"
