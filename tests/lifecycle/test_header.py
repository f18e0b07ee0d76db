"""The line that a run begins with: what is judged, in what guest, and what that guest cannot do here."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.gate import Gate
from harness.progress import Progress
from tests.lifecycle.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from harness.workspace import Workspace


def test_it_says_why_machines_are_booted(gate: Gate, workspace: Workspace) -> None:
    """Where QEMU did not freeze the booted machine, its template has no more than a disk and the reason."""
    cold = Gate(gate.options, cache=gate.cache, workspace=workspace, progress=Progress(quiet=True))
    assert "thawed" not in cold.description
    vars(cold.guest)["booted"] = replace(cold.guest.booted, cold="a device of it cannot migrate")
    assert "each machine booted anew, not thawed, because a device of it cannot migrate, module" in cold.description


def test_tests_without_a_guest_run_where_none_can_be(tmp_path: Path) -> None:
    (tmp_path / "test_inner.py").write_text("def test_nothing_of_the_gate(): pass\n")
    (tmp_path / "pytest.ini").touch()
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "harness.plugin", tmp_path],
        env={"PATH": "/nowhere", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "gate: cannot judge here: mmdebstrap is not installed" in ended.stdout
