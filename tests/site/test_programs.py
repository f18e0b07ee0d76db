"""Every program that the package set offers a site exists in the guest."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from harness.resources import EVALUATOR, SITE
from harness.site.evaluation import evaluate

if TYPE_CHECKING:
    from harness.gate import Gate
    from harness.trial.trial import Trial

_ABSENT = {"gpgsm"}  # in a package that nothing in the guest requires


def test_every_program_of_the_package_set_is_in_the_guest(gate: Gate, trial: Trial, tmp_path: Path) -> None:
    described = (EVALUATOR / "packages" / "programs.nix").read_text()
    names = re.findall(r"^  ([a-z][\w-]*) = \{$", described, re.MULTILINE)
    assert {"coreutils", "gnupg", "systemd"} <= set(names)
    module = tmp_path / "everything.nix"
    module.write_text(f"{{ pkgs, ... }}: {{ environment.systemPackages = with pkgs; [ {' '.join(names)} rclone ]; }}")
    site = evaluate(SITE, module=module, nix_store=gate.cache.root / "nix")

    programs = [Path(f"{site.nix_store}{path}/bin") for path in site.system.closure]
    links = [link for directory in programs for link in directory.glob("*") if link.is_symlink()]
    targets = {str(link.readlink()) for link in links}
    assert any(target.endswith("/pg_dump") for target in targets)
    outside = "\n".join(sorted(target for target in targets if not target.startswith("/nix/store/")))
    absent = trial.machine.check(
        'while read -r program; do [ -x "$program" ] || echo "$program"; done', stdin=f"{outside}\n".encode()
    ).text
    assert {Path(program).name for program in absent.split()} <= _ABSENT
