"""Where failures leave their evidence."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.plugin.test_check import FAILS_WITH_A_MACHINE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("project", [False, True])
def test_it_is_left_in_the_project_or_here(tmp_path: Path, project: bool) -> None:
    """Of scenarios in an installed package, which may not be writable, pytest takes their directory for its root."""
    scenarios, here = tmp_path / "installed", tmp_path / "here"
    for directory in (scenarios, here):
        directory.mkdir()
    if project:
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (scenarios / "test_it.py").write_text(FAILS_WITH_A_MACHINE)
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(scenarios)],
        cwd=here,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "1 failed" in ended.stdout, ended.stdout + ended.stderr
    found = {path.parent for path in tmp_path.rglob("evidence")}
    assert found == {tmp_path if project else here}
