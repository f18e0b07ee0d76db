"""`nix run`: the launcher builds what it was told to judge."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.host.deadline import Deadline
from harness.site.nix import nix
from tests.site.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

# A flake's source and a nixpkgs whose guest is just its arguments.
GUEST = "{ nixpkgs, pkgs }: { module ? null, site ? null }: pkgs // { inherit nixpkgs module site; }"
NIXPKGS = "arguments: arguments"

LAUNCHER = """
let pkgs = import {root}/nix/debian/packages {{
  lib = import {root}/nix/debian/lib;
  system = builtins.currentSystem;
  debian = {{ release = "bookworm"; rclone = "current"; }};
}}; in import {root}/nix/prove.nix {{
  inherit (pkgs) stdenv writeShellApplication writeText;
  harness = "{harness}";
  source = "{source}";
  nixpkgs = "{nixpkgs}";
}}
"""

# In place of Nix: evaluates what it should build, writes that to a file, and fails.
NIX = """#!/bin/sh
for expression; do :; done
nix-instantiate --store {nix_store} --eval --strict --expr "$expression" > {asked}
exit 1
"""


@pytest.fixture
def launch(nix_store: Path, tmp_path: Path) -> Callable[..., str]:
    """Run the launcher, and return the guest that it asked Nix for."""
    for path, text in (("source/nix/guest.nix", GUEST), ("nixpkgs/default.nix", NIXPKGS)):
        file = tmp_path / path
        file.parent.mkdir(parents=True)
        file.write_text(text)
    programs, asked = tmp_path / "bin", tmp_path / "asked"
    programs.mkdir()
    (programs / "nix").write_text(NIX.format(nix_store=nix_store, asked=asked))
    (programs / "nix").chmod(0o755)

    # The launcher as built; its references lie in the test's Nix store.
    environment = str(Path(sys.executable).parent.parent)
    expression = LAUNCHER.format(
        root=ROOT, harness=environment, source=tmp_path / "source", nixpkgs=tmp_path / "nixpkgs"
    )
    built = nix("nix-build", ["--no-out-link", "--expr", expression], nix_store=nix_store, deadline=Deadline(60))
    assert built.returncode == 0, built.stderr
    launcher = (
        Path(f"{nix_store}{built.stdout.strip()}/bin/prove").read_text().replace("/nix/store", f"{nix_store}/nix/store")
    )

    def launch(*arguments: str) -> str:
        bash = shutil.which("bash")
        assert bash
        ended = subprocess.run(
            [bash, "-c", launcher, "prove", *arguments],
            env={"PATH": f"{programs}:{os.environ['PATH']}", "XDG_CACHE_HOME": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 2, ended.stdout + ended.stderr
        assert asked.exists(), ended.stdout + ended.stderr
        return asked.read_text()

    return launch


def test_the_guest_is_that_of_the_flake_and_of_its_nixpkgs(launch: Callable[..., str], tmp_path: Path) -> None:
    guest = launch()
    assert f'nixpkgs = "{tmp_path}/nixpkgs";' in guest
    assert 'system = "x86_64-linux";' in guest
    assert "module = null;" in guest
    assert "site = null;" in guest


@pytest.mark.parametrize("option", ["module", "site"])
def test_the_guest_is_built_for_what_is_given(launch: Callable[..., str], tmp_path: Path, option: str) -> None:
    """It once judged the module that it was built with, and said "proven" of the given one."""
    file = tmp_path / "my own.nix"
    file.write_text("{ }")
    assert f"{option} = {file};" in launch(f"--{option}", str(file))
