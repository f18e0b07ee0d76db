"""What --quick runs is there, and is what sees most mutants."""

from __future__ import annotations

import subprocess
import sys

from harness.evidence.quick import QUICK
from harness.mutants.catalogue import load
from harness.resources import ROOT

# With another machine; and 75 emulated seconds, of some 200 that there are for all.
_SLOW = (
    "scenarios/test_restore.py",
    "scenarios/test_one_store.py::test_one_store_fails_every_time[certificate by an unknown authority]",
)
_CHOSEN = {name.removeprefix(f"{ROOT}/") for name in QUICK}


def test_each_is_collected() -> None:
    collected = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *QUICK],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert collected.returncode == 0, collected.stdout + collected.stderr
    found = [line for line in collected.stdout.splitlines() if "::" in line]
    assert len(found) == len(QUICK) + 1, found  # the round trip is of each database


def test_it_names_no_database() -> None:
    """A user's site has others, and pytest would run nothing at all."""
    assert [name for name in QUICK if "[db" in name] == []


def kills(scenario: str) -> set[str]:
    """Return the mutants that the scenario, in any of its cases if none is named, is to notice."""
    return {
        mutant.id
        for mutant in load()
        if any(test == scenario or test.startswith(f"{scenario}[") for test in mutant.tests)
    }


def test_no_other_scenario_would_see_more_mutants() -> None:
    all_of_them = {scenario: kills(scenario) for scenario in _CHOSEN}
    alone = {
        scenario: seen - set().union(*(other for name, other in all_of_them.items() if name != scenario))
        for scenario, seen in all_of_them.items()
    }
    least = min(alone, key=lambda scenario: len(alone[scenario]))
    assert alone[least], f"{least} sees no mutant that the others do not"
    seen = set().union(*all_of_them.values())
    named = {test.partition("[db")[0] for mutant in load() for test in mutant.tests if test.startswith("scenarios/")}
    named = {scenario for scenario in named if not scenario.startswith(_SLOW)}
    more = {scenario: new for scenario in named - _CHOSEN if len(new := kills(scenario) - seen) > len(alone[least])}
    assert not more, f"better than {least}, which sees {alone[least]}"
