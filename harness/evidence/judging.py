"""Judges a module: runs scenarios on it in a pytest of their own, and returns their records."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from harness import resources
from harness.errors import GateError
from harness.evidence.record import FILE, Record
from harness.host.child import Child
from harness.options import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

EVIDENCE = "evidence"
"""The directory of the records, below that of a run."""
BASELINE = "baseline"
"""The same of what is compared with it: a directory as of a run."""
SCENARIOS = resources.ROOT / "scenarios"
_STDERR = 2  # file descriptor
_PASSED, _FAILED, _NONE = 0, 1, 5  # pytest's exit statuses: all passed, some failed, no test was chosen


class NoScenarioError(GateError):
    """No scenario ran, or not all did and no record says so."""


class Unwanted(Exception):
    """The verdict is no longer wanted, and the scenarios were ended."""


def judge(
    directory: Path,
    *words: str,
    unwanted: Callable[[], bool] | None = None,
    env: Mapping[str, str] | None = None,
) -> list[Record]:
    """Run the scenarios on all processors, their evidence in ``directory``/evidence; return the records, by scenario.

    ``words`` go to pytest: ``--gate-module=FILE``, ``-k EXPRESSION``, or scenarios by their files and ids in place of
    all. One that did not end has a record, too, which is an error. What pytest says goes to stderr. What an earlier run
    left in the directory is removed. While they run, ``unwanted`` is asked several times a second. ``env`` is by
    default our environment without options: the words have them.

    Raises:
        Unwanted: it was true.
        NoScenarioError: none ran, or not all did and no record says so.
        RecordError: a record cannot be read.
    """
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "pytest.ini").write_text("[pytest]\n")  # so that the evidence is here, and no project's
    clear(directory)
    with Child(command(directory, *words), stdout=_STDERR, env=env or environment()) as pytest:
        status = pytest.wait(unwanted)
    if status is None:
        raise Unwanted
    found = list(Record.below(directory / EVIDENCE).values())
    if status == _NONE and not found:
        raise NoScenarioError(
            "no scenario matches; -k takes words of their files and names, listed in docs/scenarios.md"
        )
    if gap := missing(status, found):
        raise NoScenarioError(f"{gap}; see above")
    return found


def clear(directory: Path) -> None:
    """Remove the evidence of an earlier run there, and nothing else."""
    for path in (directory / EVIDENCE).glob(f"*/{FILE}"):
        shutil.rmtree(path.parent)


def missing(status: int, found: Sequence[Record]) -> str:
    """Return why the records of a run of pytest, with its exit status, cannot be all that it found; "" if they can.

    Each scenario has one from its collection on, which is an error until it has ended; what cannot be collected has one
    too. So where one is an error, they say themselves that something is missing.
    """
    if any(record.outcome == "error" for record in found):
        return ""
    if not found or status not in {_PASSED, _FAILED}:
        return f"the scenarios did not all run (pytest's exit status is {status})"
    if status != _PASSED and all(record.outcome in {"passed", "skipped"} for record in found):
        return "a test failed, and no record says so"
    return ""


def command(directory: Path, *words: str) -> list[str]:
    """Return the pytest that ``judge`` runs."""
    return [
        # Scenarios' names are relative to the root; of one that is not below it the file would not be in its name.
        *(
            sys.executable,
            "-P",
            "-m",
            "pytest",
            "-c",
            str(directory / "pytest.ini"),
            "--rootdir",
            str(SCENARIOS.parent),
        ),
        *("-p", "no:cacheprovider", "-q", "--tb=no", "-n", "auto", "--dist", "worksteal", "--gate-strict"),
        *words,
        *([] if any(word.startswith(str(SCENARIOS)) for word in words) else [str(SCENARIOS)]),
    ]
