"""A module is judged by a pytest of its own, whose records are returned: these, and no earlier run's."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from harness.evidence import judging
from harness.evidence.judging import NoScenarioError, command, judge
from tests.plugin.trial_double import BELOW

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def scenarios(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two scenarios with a double for their machine, in place of the real ones."""
    directory = tmp_path / "scenarios"
    directory.mkdir()
    (directory / "conftest.py").write_text(BELOW)
    (directory / "test_a.py").write_text(
        "def test_good(trial):\n    pass\ndef test_bad(trial):\n    assert False, 'it is bad'\n"
    )
    monkeypatch.setattr(judging, "SCENARIOS", directory)
    return directory


def test_the_records_of_all_scenarios_are_returned(scenarios: Path, tmp_path: Path) -> None:
    found = judge(tmp_path / "run", "-n", "0")
    assert [(record.scenario.split("::")[1], record.outcome) for record in found] == [
        ("test_bad", "failed"),
        ("test_good", "passed"),
    ]
    assert (tmp_path / "run/evidence").is_dir()


def test_an_earlier_runs_records_are_not(scenarios: Path, tmp_path: Path) -> None:
    judge(tmp_path, "-n", "0")
    (found,) = judge(tmp_path, "-n", "0", f"{scenarios}/test_a.py::test_good")
    assert (found.scenario, found.outcome) == ("scenarios/test_a.py::test_good", "passed")


def test_that_nothing_ran_is_an_error(scenarios: Path, tmp_path: Path) -> None:
    with pytest.raises(NoScenarioError, match="pytest's exit status is 5"):
        judge(tmp_path, "-n", "0", "-k", "nothing_of_this_name")


def test_a_scenario_that_takes_its_worker_with_it_is_not_passed_over(scenarios: Path, tmp_path: Path) -> None:
    """It leaves no record; the others pass."""
    (scenarios / "test_b.py").write_text("import os\ndef test_good_but_fatal(trial):\n    os._exit(7)\n")
    with pytest.raises(NoScenarioError, match="left no record"):
        judge(tmp_path, "-n", "1", "-k", "good")


def test_all_scenarios_unless_some_are_named(tmp_path: Path) -> None:
    one = f"{judging.SCENARIOS}/test_x.py::test_y"
    assert command(tmp_path)[-1] == str(judging.SCENARIOS)
    assert command(tmp_path, "-k", "x")[-3:] == ["-k", "x", str(judging.SCENARIOS)]
    assert command(tmp_path, one)[-2:] == ["--gate-strict", one]


_JUDGES = """
import sys
from pathlib import Path
from harness.evidence import judging
judging.SCENARIOS = Path(sys.argv[1])
judging.judge(Path(sys.argv[2]), "-n", sys.argv[3], "-s")
"""


@pytest.mark.parametrize(
    ("how", "workers"),
    [(signal.SIGTERM, 0), (signal.SIGKILL, 0), (signal.SIGINT, 0), (signal.SIGINT, 1)],
)
def test_its_scenarios_end_with_it(tmp_path: Path, how: signal.Signals, workers: int) -> None:
    """And orderly, however it ends: they have machines. Of a worker, nothing breaks that off."""
    (tmp_path / "test_a.py").write_text(
        "import os, time\nfrom pathlib import Path\n"
        f"def test_long(_pg_archive_gate):\n    home = Path({str(tmp_path)!r})\n"
        "    (home / 'new').write_text(str(os.getpid()))\n    (home / 'new').rename(home / 'pid')\n"
        "    try:\n        time.sleep(60)\n    finally:\n"
        f"        time.sleep({7 * workers})\n        (home / 'ended').touch()\n"
    )
    command = [sys.executable, "-c", _JUDGES, str(tmp_path), str(tmp_path / "run"), str(workers)]
    judging = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _until((tmp_path / "pid").exists)
    pid = int((tmp_path / "pid").read_text())
    judging.send_signal(how)
    judging.wait(30)
    _until(lambda: not psutil.pid_exists(pid))
    assert (tmp_path / "ended").exists()


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)
