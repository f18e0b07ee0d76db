"""A module is judged by a pytest of its own, whose records are returned: these, and no earlier run's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.evidence import judging
from harness.evidence.judging import NoScenarioError, command, judge
from tests.plugin.test_records import _CONFTEST

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def scenarios(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two scenarios with a double for their machine, in place of the real ones."""
    directory = tmp_path / "scenarios"
    directory.mkdir()
    (directory / "conftest.py").write_text(_CONFTEST.replace('pytest_plugins = ["harness.plugin"]', ""))
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
    assert [record.outcome for record in judge(tmp_path, "-n", "0", "-k", "good")] == ["passed"]


def test_that_nothing_ran_is_an_error(scenarios: Path, tmp_path: Path) -> None:
    with pytest.raises(NoScenarioError, match="pytest's exit status is 5"):
        judge(tmp_path, "-n", "0", "-k", "nothing_of_this_name")


def test_all_scenarios_unless_some_are_named(tmp_path: Path) -> None:
    one = f"{judging.SCENARIOS}/test_x.py::test_y"
    assert command(tmp_path)[-1] == str(judging.SCENARIOS)
    assert command(tmp_path, "-k", "x")[-3:] == ["-k", "x", str(judging.SCENARIOS)]
    assert command(tmp_path, one)[-2:] == ["--gate-strict", one]
