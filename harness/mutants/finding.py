"""What a test said of a mutant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from xml.etree import ElementTree as ET  # written by the pytest that we started

from harness.evidence.record import FILE, NOT_BEGUN, Record

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """Of one test."""

    test: str
    """pytest's id, from the checkout's root."""
    outcome: Literal["passed", "failed", "error", "skipped"]
    """``error``: trouble that says nothing of the mutant, or a test that cannot even begin."""
    reason: str
    seconds: float

    @property
    def red(self) -> bool:
        """Whether the test noticed something."""
        return self.outcome == "failed"


def of_records(evidence: Path, junit: Path) -> list[Finding]:
    """Read what scenarios found, and the whole of what pytest says of a failure, redacted. Raises RecordError."""
    said = {_in_scenarios(case.test): case.reason for case in of_junit(junit)} if junit.exists() else {}
    found = []
    for path in sorted(evidence.glob(f"*/{FILE}")):
        record = Record.load(path)
        if record.reason == NOT_BEGUN:
            continue  # as after the first that is red, if no other is needed
        test = _in_scenarios(record.scenario)
        broken = [str(law) for law in record.laws if law.holds is False]
        reason = "\n".join([record.reason, *broken, said.get(test, "")])
        found.append(Finding(test, record.outcome, reason, record.seconds))
    return found


def of_junit(file: Path) -> list[Finding]:
    """Read what tests found from the file that pytest's ``--junitxml`` wrote."""
    return [_of_case(case) for case in ET.parse(file).iter("testcase")]  # noqa: S314


def _of_case(case: ET.Element) -> Finding:
    name = f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
    seconds = float(case.get("time", 0))
    for tag, outcome in (("failure", "failed"), ("error", "error"), ("skipped", "skipped")):
        found = case.find(tag)
        if found is not None:
            return Finding(name, outcome, f"{found.get('message', '')}\n{found.text or ''}", seconds)  # type: ignore[arg-type]
    return Finding(name, "passed", "", seconds)


def _in_scenarios(name: str) -> str:
    """Return a scenario's id from the checkout's root, wherever pytest was started."""
    file, separator, rest = name.partition("::")
    return f"scenarios/{file.rsplit('/', 1)[-1]}{separator}{rest}"
