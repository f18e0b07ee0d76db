"""docs/scenarios.md shows the scenarios as they are: their names, what they say of themselves, their incidents."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from harness.mutants.catalogue import load
from harness.plugin.catalogue import VERDICTS, Entry, catalogue, entries, noticed
from harness.resources import ROOT
from tests.mutants.mutants import mutant

ONE = Entry("test_x.py::test_y[a|b]", "It breaks.", "Things break.", (20, 22), nightly=True)
OTHER = Entry("test_z.py::test_z", "It ends.", "Things end.", (), nightly=False)
COMPARISON = {
    "modules": ["article", "ours"],
    "scenarios": [
        {
            "id": "test_x.py::test_y[a|b]",
            "incidents": [20],
            "laws": ["bounded", "says"],
            "verdicts": {"article": "red", "ours": "green"},
        }
    ],
}


@pytest.mark.parametrize(("page", "module"), [("scenarios.md", "catalogue"), ("field.md", "field")])
def test_the_page_shows_todays_scenarios(page: str, module: str) -> None:
    made = subprocess.run(
        [sys.executable, "-m", f"harness.plugin.{module}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    assert (ROOT / "docs" / page).read_text() == made.stdout, f"docs/{page} is stale: ./run catalogue"


def test_a_row_has_all_that_is_known() -> None:
    page = catalogue([ONE, OTHER], COMPARISON)
    assert "## test_x\n\nThings break.\n" in page
    assert r"| y[a\|b] (nightly) | It breaks. | 20, 22 | bounded, says | red | green |  |" in page


def test_a_row_has_the_mutants_that_name_the_scenario() -> None:
    where: dict[str, Any] = {"file": "modules/a.nix", "incident": 1, "law": "restorable"}
    mutants = [
        mutant(**where, id="case", tests=("scenarios/test_x.py::test_y[a|b]", "tests/trial/test_clock.py::test_y")),
        mutant(**where, id="whole", tests=("scenarios/test_x.py::test_y", "scenarios/test_x.py::test_y[a|b]")),
        mutant(**where, id="other", tests=("scenarios/test_x.py::test_yes",)),
        mutant(**where, id="not-run", tests=("scenarios/test_z.py::test_z",), equivalent="nobody reads it"),
    ]
    assert noticed([ONE, OTHER], mutants) == {ONE.id: ["case", "whole"], OTHER.id: []}
    assert "| red | green | case, whole |" in catalogue([ONE, OTHER], COMPARISON, mutants)


def test_each_scenario_has_been_seen_red() -> None:
    """By a listed mutant, or by an example that lacks what it asks for."""
    judged = {row["id"]: row["verdicts"] for row in json.loads(VERDICTS.read_text())["scenarios"]}
    silent = {
        scenario
        for scenario, mutants in noticed(entries(), load()).items()
        if not mutants and "red" not in judged.get(scenario, {}).values()
    }
    assert silent == set()


def test_what_was_not_compared_yet_says_so() -> None:
    assert "| z | It ends. |  |  | not yet | not yet |  |" in catalogue([ONE, OTHER], COMPARISON)
