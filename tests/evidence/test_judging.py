"""A module is judged by a pytest of its own, whose records are returned: these, and no earlier run's."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from harness.evidence import judging
from harness.evidence.judging import NoScenarioError, command, judge
from tests.host.ends import ends
from tests.plugin.trial_double import BELOW

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.evidence.record import Record


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


def test_the_environments_options_are_not_said_twice(
    scenarios: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command line has read them. What it was told instead may be a default, which is not among its words."""
    for name in ("GATE_RELEASE", "GATE_SITE", "GATE_KEEP"):
        monkeypatch.setenv(name, "yes")
    (scenarios / "test_a.py").write_text(
        "import os\ndef test_told(trial):\n"
        "    assert [name for name in os.environ if name.startswith('GATE_')] == ['GATE_KEEP']\n"
    )
    (found,) = judge(tmp_path / "run", "-n", "0")
    assert found.outcome == "passed", found.reason


def outcomes(records: list[Record]) -> dict[str, tuple[str, str]]:
    return {record.name: (record.outcome, record.reason) for record in records}


def test_that_nothing_ran_is_an_error(scenarios: Path, tmp_path: Path) -> None:
    with pytest.raises(NoScenarioError, match="no scenario matches"):
        judge(tmp_path, "-n", "0", "-k", "nothing_of_this_name")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_scenario_that_takes_its_worker_with_it_is_an_error(scenarios: Path, tmp_path: Path, workers: str) -> None:
    """Whatever becomes of others: that one of them fails explains pytest's exit status, and not where this one is."""
    (scenarios / "test_b.py").write_text("import os\ndef test_fatal(trial):\n    os._exit(7)\n")
    assert outcomes(judge(tmp_path, "-n", workers)) == {
        "test_a.py::test_bad": ("failed", "AssertionError: it is bad"),
        "test_a.py::test_good": ("passed", ""),
        "test_b.py::test_fatal": ("error", "it began and did not end, as where its process crashes"),
    }


def test_scenarios_that_are_not_reached_are_errors(
    scenarios: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where somebody's environment ends pytest early; those that nobody chose are none."""
    (scenarios / "test_b.py").write_text("def test_late(trial):\n    pass\ndef test_other(trial):\n    pass\n")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-x -p no:randomly")
    assert outcomes(judge(tmp_path, "-n", "0", "-k", "bad or late")) == {
        "test_a.py::test_bad": ("failed", "AssertionError: it is bad"),
        "test_b.py::test_late": ("error", "pytest ended before it began"),
    }
    found = outcomes(judge(tmp_path, "-n", "1", "-k", "bad or late"))
    assert found["test_b.py::test_late"] == ("error", "pytest ended before it began"), "pytest's exit status is another"


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_file_that_cannot_be_collected_is_an_error(scenarios: Path, tmp_path: Path, workers: str) -> None:
    """With workers, the scenarios of the others run."""
    (scenarios / "test_b.py").write_text("import nonexistent\n")
    found = outcomes(judge(tmp_path, "-n", workers))
    outcome, reason = found["test_b.py"]
    assert outcome == "error"
    assert reason.startswith("ImportError while importing test module")
    assert found["test_a.py::test_bad"][0] == ("failed" if workers == "2" else "error")


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
    _until(lambda: ends(pid))
    assert (tmp_path / "ended").exists()


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)
