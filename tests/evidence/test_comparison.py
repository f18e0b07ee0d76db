"""One table of several modules' verdicts."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console

from harness.evidence.comparison import Comparison
from harness.evidence.record import Record
from harness.trial.law import Judgement

if TYPE_CHECKING:
    from harness.evidence.record import Outcome

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def record(scenario: str, outcome: Outcome, reason: str = "", *laws: str) -> Record:
    judged = tuple(Judgement(law, "b.service", holds=True, said="x") for law in laws)
    return Record(scenario, "run", outcome, reason, NOW, 1.0, incidents=(20, 22), laws=judged)


COMPARISON = Comparison.of(
    {
        "article": [
            record("a/scenarios/test_x.py::test_y[503, once]", "failed", "breaks 'bounded'", "bounded"),
            record("a/scenarios/test_x.py::test_z", "skipped", "no promise"),
        ],
        "ours": [
            record("../b/test_x.py::test_y[503, once]", "passed", "", "bounded", "says"),
        ],
    }
)


def test_a_scenario_is_the_same_wherever_pytest_was_started() -> None:
    assert [row.id for row in COMPARISON.rows] == ["test_x.py::test_y[503, once]", "test_x.py::test_z"]


def test_as_data() -> None:
    assert COMPARISON.to_json() == {
        "modules": ["article", "ours"],
        "scenarios": [
            {
                "id": "test_x.py::test_y[503, once]",
                "incidents": [20, 22],
                "laws": ["bounded", "says"],
                "verdicts": {"article": "red", "ours": "green"},
                "reasons": {"article": "breaks 'bounded'"},
            },
            {
                "id": "test_x.py::test_z",
                "incidents": [20, 22],
                "laws": [],
                "verdicts": {"article": "not-applicable", "ours": "error"},
                "reasons": {"article": "no promise", "ours": "it was not tried"},
            },
        ],
    }


def test_what_was_not_tried_is_not_judged() -> None:
    assert not COMPARISON.judged
    assert not Comparison.of({"ours": []}).judged
    assert Comparison.of({"ours": [record("x.py::y", "failed")]}).judged


def test_as_a_table() -> None:
    said = io.StringIO()
    Console(file=said, width=160).print(COMPARISON.table())
    (line,) = [line for line in said.getvalue().splitlines() if "test_y" in line]
    cells = [cell.strip() for cell in line.strip("│").split("│")]
    assert cells == ["test_x.py::test_y[503, once]", "20, 22", "red", "green", "breaks 'bounded'"]


def test_a_module_is_compared_with_what_others_were_before() -> None:
    """So that a module, or some scenarios, can be judged again alone."""
    now = Comparison.of(
        {"ours": [record("test_x.py::test_new", "passed"), record("test_x.py::test_z", "failed", "it")]}
    )
    some = now.over(COMPARISON, whole=False)
    assert [(row.id, dict(row.verdicts)) for row in some.rows] == [
        ("test_x.py::test_new", {"ours": "green"}),
        ("test_x.py::test_y[503, once]", {"article": "red", "ours": "green"}),
        ("test_x.py::test_z", {"article": "not-applicable", "ours": "red"}),
    ]
    assert dict(some.rows[2].reasons) == {"article": "no promise", "ours": "it"}
    assert [row.id for row in now.over(COMPARISON, whole=True).rows] == ["test_x.py::test_new", "test_x.py::test_z"]
    assert some.modules == ("article", "ours")


def test_it_is_read_back() -> None:
    assert Comparison.from_json(COMPARISON.to_json()).to_json() == COMPARISON.to_json()
