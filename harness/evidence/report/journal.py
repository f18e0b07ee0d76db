"""A unit's journal for people: the lines that tell what went wrong are marked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# short-monotonic: "[    7.316492] host rclone[412]: …", seconds since the boot.
_STAMPED = re.compile(r"\[ *(?P<seconds>\d+\.\d+)\] \S+ (?P<program>\S+?)(?:\[\d+\])?: (?P<text>.*)")
_TELLING = re.compile(
    r"\b(error|fail|fatal|cannot|could not|refus|denied|forbidden|corrupt|mismatch|differ|time[d-]? ?out|x509|"
    r"certificate|no such|not found|not permitted|invalid|missing|terminat|kill|skew|slow ?down)\w*|\b[45]\d\d\b",
    re.IGNORECASE,
)
_HARMLESS = re.compile(r"\b(0|no) (errors?|failed)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One line."""

    text: str
    said: str
    """Without time, host and program."""
    program: str
    """Who said it, "" if the line does not tell."""
    seconds: float | None
    """Since the machine's boot, None if the line does not tell."""
    telling: bool
    """Whether it speaks of trouble."""


def lines(journal: str) -> Iterator[Line]:
    """Yield a journal's lines."""
    for text in journal.splitlines():
        found = _STAMPED.fullmatch(text)
        said = found["text"] if found else text
        yield Line(
            text=text,
            said=said,
            program=found["program"] if found else "",
            seconds=float(found["seconds"]) if found else None,
            telling=bool(_TELLING.search(_HARMLESS.sub("", said))),
        )
