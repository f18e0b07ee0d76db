"""What became of a mutant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from harness.mutants.pytest_run import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from harness.mutants.finding import Finding
    from harness.mutants.mutant import Mutant


class Fate(StrEnum):
    """In one word or few."""

    KILLED = "killed"
    """Each test that names it was red, with its sentence."""
    SURVIVED = "survived"
    """All tests were green."""
    BY_ANOTHER = "killed by another"
    """A test was red, but not each that names it, or not with its sentence."""
    INVALID = "invalid"
    """It was not judged: it cannot be evaluated, or a test had trouble of its own."""
    TIMED_OUT = "timed out"
    """The tests did not end in time, so that nothing is known."""
    EQUIVALENT = "equivalent"
    """Nothing can notice it, as the catalogue argues; it was not run."""


@dataclass(frozen=True)
class Verdict:
    """On one mutant."""

    mutant: Mutant
    fate: Fate
    why: str
    """One line; "" for one that was killed as it should be."""
    killers: tuple[str, ...] = ()
    """Tests that were red."""
    ran: tuple[str, ...] = ()
    seconds: float = 0.0


def cases(test: str, names: Iterable[str]) -> list[str]:
    """Return which of these are the test, its cases if it is named without parameters, or those of a file."""
    return [name for name in names if name == test or name.startswith((f"{test}[", f"{test}::"))]


def judge(mutant: Mutant, findings: Collection[Finding], seconds: float) -> Verdict:
    """Judge by what the tests found. Of a generated mutant it is enough that one native test cannot even begin."""
    by_name = {finding.test: finding for finding in findings}
    red = tuple(name for name, finding in by_name.items() if finding.red)

    def verdict(fate: Fate, why: str = "") -> Verdict:
        return Verdict(mutant, fate, why, red, tuple(by_name), seconds)

    missing = [test for test in mutant.tests if not cases(test, by_name)]
    odd = {"error"} if mutant.generated else {"error", "skipped"}
    trouble = [finding for finding in by_name.values() if finding.outcome in odd]
    unnoticed = []
    for test in mutant.tests:
        found = [by_name[name] for name in cases(test, by_name)]
        if not any(finding.red and re.search(mutant.sentence, finding.reason) for finding in found):
            unnoticed.append(test)
    natively = any(not finding.test.startswith(SCENARIOS) for finding in trouble)
    if not unnoticed or (mutant.generated and (red or natively)):
        return verdict(Fate.KILLED)
    if mutant.generated and by_name and not trouble:
        return verdict(Fate.SURVIVED, mutant.defect)
    if trouble:
        return verdict(Fate.INVALID, f"{trouble[0].test}: {_line(trouble[0].reason)}")
    if missing:
        return verdict(Fate.INVALID, f"{missing[0]} did not run")
    if red:
        return verdict(Fate.BY_ANOTHER, f"{red[0]}, which says: {_line(by_name[red[0]].reason)}")
    return verdict(Fate.SURVIVED, f"{', '.join(unnoticed)} stayed green: {mutant.defect}")


def _line(reason: str) -> str:
    """Return a test's first line; of one that could not even be read, the error."""
    lines = [line.strip() for line in reason.splitlines() if line.strip()] or ["it says nothing"]
    errors = [line for line in lines if line.startswith("E ")]
    return (errors[-1] if lines[0] == "collection failure" and errors else lines[0])[:300]
