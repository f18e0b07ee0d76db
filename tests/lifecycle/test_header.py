"""The header line: what is judged, in which guest, and what that guest cannot do here."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.gate import Gate
from harness.host.progress import Progress
from tests.lifecycle.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from harness.guest.frozen import FrozenGuest
    from harness.host.workspace import Workspace


def test_it_says_why_machines_are_booted(gate: Gate, frozen: FrozenGuest, workspace: Workspace) -> None:
    """Where QEMU did not freeze the booted machine, its template has no more than a disk and the reason."""
    cold = Gate(gate.options, cache=gate.cache, workspace=workspace, progress=Progress(quiet=True))
    assert "thawed" not in cold.description
    vars(cold.guest)["booted"] = replace(frozen.booted, cold="a device of it cannot migrate")
    assert "each machine booted, not thawed, because a device of it cannot migrate, module" in cold.description


def run(home: Path, scenarios: str, path: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    (home / "test_inner.py").write_text(scenarios)
    (home / "pytest.ini").touch()
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "harness.plugin", *arguments, home],
        env={"PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(home), "TMPDIR": str(home), "COLUMNS": "999"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_tests_without_a_guest_make_none(tmp_path: Path) -> None:
    """As in most of our runs: an option asks for the gate, and no test uses it."""
    ended = run(tmp_path, "def test_nothing_of_the_gate(): pass\n", "/nowhere", "--gate-guest=debian")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "gate: " not in ended.stdout + ended.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["__pycache__", "pytest.ini", "test_inner.py"]


def test_a_guest_that_cannot_be_is_told_before_the_scenarios(tmp_path: Path) -> None:
    ended = run(tmp_path, "def test_it(gate): pass\n", "/nowhere")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    header = re.search("^gate: cannot judge here: .* is missing; ", ended.stdout, re.MULTILINE)
    assert header, ended.stdout
    assert header.start() < ended.stdout.index("ERROR at")


def test_what_the_header_met_with_is_not_tried_again(tmp_path: Path) -> None:
    """It may have taken minutes to fail."""
    mmdebstrap = tmp_path / "mmdebstrap"
    mmdebstrap.write_text("#!/bin/sh\necho once >> $HOME/tried; echo no mirror; exit 1\n")
    mmdebstrap.chmod(0o755)
    ended = run(tmp_path, "def test_it(gate): pass\n", f"{tmp_path}:/usr/bin:/bin")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert ended.stdout.count("mmdebstrap ended with status 1") == 3  # header, error, and its summary
    assert (tmp_path / "tried").read_text() == "once\n"
