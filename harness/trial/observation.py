"""What was seen around a run: when, and before and after it, what its laws are judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from harness.database.fingerprint import Fingerprint
    from harness.trial.snapshot import Snapshot


@dataclass(frozen=True)
class Observation:
    """Of one run."""

    at: datetime
    """When it was started, by the host's clock, UTC."""
    boot: str
    """The machine's boot in which it was started: with its memory goes what had not been flushed."""
    source: Fingerprint
    """The database's, as it was after the machine's last boot before the run."""
    beside: tuple[Snapshot, ...]
    """What was seen before each of the runs that were under way when it was started."""
    before: Snapshot
    after: Snapshot
    troubled: frozenset[str]
    """The stores that had a fault plan at any time of the run."""
    leaked: frozenset[str]
    """The labels of the secrets that the unit's journal held before it was redacted."""
    interfered: bool
    """Whether a scenario did something in the midst of it, so that it may not have ended by its own doing."""
