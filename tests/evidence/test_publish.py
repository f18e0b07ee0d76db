"""What continuous integration shows."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

from harness.evidence.answer import Answer
from harness.evidence.change import Change
from harness.evidence.publish.badge import badge_data, badge_picture
from harness.evidence.publish.ctrf import ctrf
from harness.evidence.publish.github import annotated, summary
from tests.evidence.made import BAD, GOOD, LOST, record

TROUBLE = record("test_x.py::test_y", "error", laws=(), reason="100% of it\nfailed")


def test_ctrf_has_what_its_schema_requires() -> None:
    document = json.loads(ctrf([GOOD, BAD, TROUBLE]))
    assert (document["reportFormat"], document["specVersion"]) == ("CTRF", "0.0.0")
    results = document["results"]
    assert results["tool"]["name"] == "pg-archive-gate"
    assert results["summary"] == {
        "tests": 3,
        "passed": 1,
        "failed": 1,
        "skipped": 0,
        "pending": 0,
        "other": 1,
        "start": 1_795_947_300_000,
        "stop": 1_795_947_309_500,
    }
    assert [(test["name"], test["status"], test["duration"]) for test in results["tests"]] == [
        (GOOD.name, "passed", 9500),
        (BAD.name, "failed", 9500),
        (TROUBLE.name, "other", 9500),
    ]
    assert "message" not in results["tests"][0]
    assert LOST in results["tests"][1]["message"]


def test_githubs_summary_has_each_law_and_what_breaks_one() -> None:
    lines = summary(Answer.of([GOOD, BAD])).splitlines()
    assert lines[0] == "### `/etc/nixos/pg.nix` breaks 1 of 8 laws in 2 scenarios"
    assert f"| ❌ broken | green means restorable everywhere | {LOST} |" in lines
    assert "| ✅ kept | heals | asked: 1 |" in lines
    assert lines[-1].startswith(f"- {LOST}: `{BAD.name}`, like incident 20 (a union")


def test_a_reason_breaks_no_table() -> None:
    told = summary(Answer.of([record(outcome="failed", laws=(), reason="a | b <script> `c`\nmore")]))
    assert r"a \| b &lt;script> \`c\`" in told
    assert "more" not in told


def test_githubs_annotations() -> None:
    lines = list(annotated(Answer.of([GOOD, BAD, TROUBLE])))
    assert lines == [
        f"::error title=breaks 'green means restorable everywhere'::{LOST} ({BAD.name})",
        "::warning title=could not be judged::100%25 of it%0Afailed (test_x.py::test_y)",
    ]
    assert list(annotated(Answer.of([GOOD]))) == ["::notice title=pg-archive-gate::keeps all 8 laws in 1 scenario"]


def test_githubs_annotations_of_a_change_leave_out_what_was_wrong_before() -> None:
    assert list(annotated(Answer.of([BAD]), Change.between([BAD], [BAD]))) == [
        "::notice title=pg-archive-gate::unchanged: 1 scenario has the same verdict"
    ]
    worse = Change.between([BAD.__class__(**{**vars(BAD), "outcome": "passed", "laws": ()})], [BAD])
    (line,) = annotated(Answer.of([BAD]), worse)
    assert line.startswith("::error title=the change breaks 'green means restorable everywhere'::")
    assert summary(Answer.of([BAD]), worse).startswith("### the change breaks")


def test_a_badge_as_data() -> None:
    assert json.loads(badge_data(Answer.of([GOOD]))) == {
        "schemaVersion": 1,
        "label": "PostgreSQL backups",
        "message": "keep 8 of 8 laws",
        "color": "brightgreen",
        "isError": False,
    }
    assert json.loads(badge_data(Answer.of([BAD])))["message"] == "break 1 of 8 laws"
    assert json.loads(badge_data(Answer.of([TROUBLE])))["message"] == "not judged"


def test_a_badge_as_a_picture() -> None:
    picture = ET.fromstring(badge_picture(Answer.of([BAD])))
    assert picture.get("aria-label") == "PostgreSQL backups: break 1 of 8 laws"
    assert "".join(picture.itertext()) == "PostgreSQL backupsbreak 1 of 8 laws"
