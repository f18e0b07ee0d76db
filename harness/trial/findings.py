"""What a trial has found so far, in order: laws and the record are based on it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.archive.verdict import Verdict
    from harness.trial.backup_run import BackupRun
    from harness.trial.law import Judgement
    from harness.trial.snapshot import Snapshot

MACHINE, GATE = "machine", "gate"
"""Where something is done that is done to no unit and no store."""


@dataclass(frozen=True)
class Event:
    """Something done in a trial; it began ``at``, by the host's clock, UTC, as in a store's journal."""

    at: datetime
    what: str
    seconds: float = 0.0
    """How long it took; 0 if instant."""
    where: str = MACHINE
    """A unit, a store, :data:`MACHINE` or :data:`GATE`."""


class Findings:
    """Grows with the trial."""

    def __init__(self) -> None:
        self.since = f"--since=@{datetime.now(UTC).timestamp():.0f}"
        """journalctl's option that leaves out what was before the trial."""
        self.runs: list[BackupRun] = []
        self.running: list[tuple[str, Snapshot]] = []
        """Of each run that has not ended: its database, and what was seen before it."""
        self.killing = False
        """Whether a program of the next run is to be killed."""
        self.verdicts: list[tuple[BackupRun, Verdict]] = []
        self.laws: list[Judgement] = []
        self.events: list[Event] = []

    def note(self, what: str, where: str = MACHINE) -> None:
        """Add what has just been done."""
        self.events.append(Event(datetime.now(UTC), what, where=where))

    @contextmanager
    def run_of(self, database: str, unit: str, before: Snapshot) -> Iterator[None]:
        """``timed``, of a body that is a run of the database."""
        self.running.append((database, before))
        try:
            with self.timed(f"{unit} is started and runs", unit):
                yield
        finally:
            self.running.remove((database, before))

    @contextmanager
    def timed(self, what: str, where: str = MACHINE) -> Iterator[None]:
        """Add what the body does, with its duration, whether or not it succeeds."""
        at, begun = datetime.now(UTC), time.monotonic()
        try:
            yield
        finally:
            self.events.append(Event(at, what, round(time.monotonic() - begun, 3), where))
