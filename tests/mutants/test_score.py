"""The score, and the files for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from harness.mutants.report_schema import Report
from harness.mutants.score import Score
from harness.mutants.verdict import Fate, Verdict
from harness.resources import ROOT
from tests.mutants.mutants import TEST, mutant


def score(*fates: Fate) -> Score:
    return Score(
        tuple(
            Verdict(mutant(id=f"m{number}"), fate, "" if fate == Fate.KILLED else "because", (TEST,), (TEST,), 2.0)
            for number, fate in enumerate(fates)
        )
    )


def test_it_is_killed_over_killed_and_survived() -> None:
    found = score(Fate.KILLED, Fate.KILLED, Fate.KILLED, Fate.SURVIVED, Fate.EQUIVALENT, Fate.BY_ANOTHER)
    assert found.summary() == "score 75 %: 3 killed, 1 survived, 1 killed by another, 1 equivalent"
    assert score(Fate.INVALID).summary() == "score none: 1 invalid"
    assert score().summary() == "no mutant was to be judged"


@pytest.mark.parametrize("fate", list(Fate))
def test_what_is_missed_or_not_judged(fate: Fate) -> None:
    found = score(Fate.KILLED, fate)
    assert found.missed == (fate in {Fate.SURVIVED, Fate.BY_ANOTHER})
    assert found.judged == (fate not in {Fate.INVALID, Fate.TIMED_OUT})


def test_the_report_has_where_it_was_and_what_killed_it() -> None:
    document = json.loads(score(Fate.KILLED, Fate.EQUIVALENT).report().to_json())
    file = document["files"]["harness/trial/clock.py"]
    source = (ROOT / "harness/trial/clock.py").read_text()
    assert (file["language"], file["source"]) == ("python", source)
    killed, equivalent = file["mutants"]
    assert (killed["status"], equivalent["status"]) == ("Killed", "Ignored")
    assert equivalent["statusReason"] == "equivalent: because"
    assert killed["killedBy"] == [TEST]
    assert killed["duration"] == 2000
    start, end = killed["location"]["start"], killed["location"]["end"]
    line = source.splitlines()[start["line"] - 1]
    assert line[start["column"] - 1 : end["column"] - 1] == "timedelta(minutes=minutes)"
    assert document["testFiles"] == {
        "tests/trial/test_clock.py": {"tests": [{"id": TEST, "name": TEST.partition("::")[2]}]}
    }


def test_the_report_fits_its_schema() -> None:
    """Ours: all of it is read back, and no field is unknown."""
    text = score(*Fate).report().to_json()
    assert Report.model_validate_json(text, strict=True).to_json() == text


def test_the_report_fits_the_schema_that_was_published() -> None:
    """Of mutation-testing-report-schema 3.8.4, whose licence is Apache 2.0."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is missing, which validates: ./run setup")
    schema = json.loads(Path(__file__).with_name("mutation-testing-report-schema.json").read_text())
    jsonschema.validate(json.loads(score(*Fate).report().to_json()), schema)


def test_junit_has_a_case_for_each() -> None:
    suite = ET.fromstring(score(*Fate).junit())
    found = {case.get("name"): [child.tag for child in case] for case in suite}
    assert found == {
        "m0": [],
        "m1": ["failure"],
        "m2": ["failure"],
        "m3": ["error"],
        "m4": ["error"],
        "m5": ["skipped"],
    }
