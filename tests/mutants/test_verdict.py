"""What becomes of a mutant, by what the tests found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.evidence.record import NOT_BEGUN, Record
from harness.mutants.finding import Finding, of_junit, of_records
from harness.mutants.verdict import Fate, judge
from harness.trial.law import Judgement
from tests.mutants.mutants import TEST, finding, mutant

OTHER = "tests/trial/test_clock.py::test_other"


@pytest.mark.parametrize(
    ("found", "fate", "why"),
    [
        ([finding()], Fate.KILLED, ""),
        ([finding(test=f"{TEST}[a]"), finding("passed", "", f"{TEST}[b]")], Fate.KILLED, ""),
        ([finding("passed", "")], Fate.SURVIVED, f"{TEST} stayed green: the machine's clock is not put off"),
        ([finding(reason="TypeError: no")], Fate.BY_ANOTHER, f"{TEST}, which says: TypeError: no"),
        ([finding("passed", ""), finding(test=OTHER)], Fate.BY_ANOTHER, f"{OTHER}, which says: AssertionError"),
        ([finding("error", "ImportError: x")], Fate.INVALID, f"{TEST}: ImportError: x"),
        ([finding("skipped", "no gpg")], Fate.INVALID, f"{TEST}: no gpg"),
        ([finding(test=OTHER)], Fate.INVALID, f"{TEST} did not run"),
        ([finding(test=f"{TEST}_too")], Fate.INVALID, f"{TEST} did not run"),
        ([], Fate.INVALID, f"{TEST} did not run"),
    ],
)
def test_fates(found: list[Finding], fate: Fate, why: str) -> None:
    verdict = judge(mutant(), found, 1.0)
    assert (verdict.fate, verdict.why[: len(why)]) == (fate, why)


def test_each_test_that_names_it_must_notice() -> None:
    both = mutant(tests=(TEST, OTHER))
    assert judge(both, [finding(), finding(test=OTHER)], 1.0).fate == Fate.KILLED
    verdict = judge(both, [finding(), finding("passed", "", OTHER)], 1.0)
    assert (verdict.fate, verdict.killers, verdict.ran) == (Fate.BY_ANOTHER, (TEST,), (TEST, OTHER))


def test_what_pytest_wrote(tmp_path: Path) -> None:
    (tmp_path / "junit.xml").write_text("""<testsuites><testsuite>
      <testcase classname="tests.trial.test_clock" name="test_a[x.y]" time="1.5" />
      <testcase classname="tests.trial.test_clock" name="test_b"><failure message="m">text</failure></testcase>
      <testcase classname="tests.trial.test_clock" name="test_c"><error message="e" /></testcase>
      <testcase classname="tests.trial.test_clock" name="test_d"><skipped message="s" /></testcase>
    </testsuite></testsuites>""")
    file = "tests/trial/test_clock.py"
    assert of_junit(tmp_path / "junit.xml") == [
        Finding(f"{file}::test_a[x.y]", "passed", "", 1.5),
        Finding(f"{file}::test_b", "failed", "m\ntext", 0.0),
        Finding(f"{file}::test_c", "error", "e\n", 0.0),
        Finding(f"{file}::test_d", "skipped", "s\n", 0.0),
    ]


def test_what_a_scenario_found(tmp_path: Path) -> None:
    """The outcome and the laws by its record, the rest of what it says by pytest; nothing, if it was not reached."""
    name = "scenarios/test_round_trip.py::test_round_trip[db1]"
    broken = Judgement("bounded", "b.service", holds=False, said="it took a day")
    begun = datetime(2026, 11, 22, tzinfo=UTC)
    record = Record(name, "1", "failed", "AssertionError: line 1", begun, 2.0, laws=(broken,))
    for directory, left in (("a", record), ("b", replace(record, outcome="error", reason=NOT_BEGUN))):
        (tmp_path / "evidence" / directory).mkdir(parents=True)
        left.save(tmp_path / "evidence" / directory, str)
    (tmp_path / "junit.xml").write_text("""<testsuites><testsuite>
      <testcase classname="scenarios.test_round_trip" name="test_round_trip[db1]">
        <failure message="m">line 2</failure>
      </testcase>
    </testsuite></testsuites>""")
    (found,) = of_records(tmp_path / "evidence", tmp_path / "junit.xml")
    assert found == Finding(name, "failed", "AssertionError: line 1\nbreaks 'bounded': it took a day\nm\nline 2", 2.0)
