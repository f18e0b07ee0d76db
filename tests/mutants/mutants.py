"""A mutant of the gate whose test takes a moment, and what tests said of one."""

from __future__ import annotations

from typing import Any

from harness.mutants.finding import Finding
from harness.mutants.mutant import Mutant

TEST = "tests/trial/test_clock.py::test_the_machine_alone_can_be_wrong"


def mutant(**changes: Any) -> Mutant:
    fields = {
        "id": "not-off",
        "defect": "the machine's clock is not put off",
        "file": "harness/trial/clock.py",
        "find": "timedelta(minutes=minutes)",
        "replace": "timedelta(minutes=0)",
        "tests": (TEST,),
        "sentence": "assert",
    }
    return Mutant.model_validate(fields | changes)


def finding(outcome: str = "failed", reason: str = "AssertionError: assert 0", test: str = TEST) -> Finding:
    return Finding(test, outcome, reason, 1.0)  # type: ignore[arg-type]
