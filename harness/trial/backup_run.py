"""One run of a backup unit: how it ended and what was seen from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.trial.stored_archive import StoredArchive

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.store.request import Request
    from harness.trial.observation import Observation
    from harness.trial.repository import RetrievedArchive

POWER_CUT = "power-cut"
"""The machine was cut off in the run."""
STOPPED = "stopped"
"""The gate stopped it, after its own limit."""


@dataclass(frozen=True)
class BackupRun:
    """One run of a database's backup unit, and what it left at the stores (by the store's name)."""

    database: str
    unit: str
    result: str
    """systemd's word for how it ended: ``success``, ``exit-code``, ``timeout``, … (systemd.exec(5), $SERVICE_RESULT),
    or :data:`POWER_CUT`, or :data:`STOPPED`"""
    seconds: float
    """From its start to its end, all of its commands, by the guest's clock."""
    journal: str
    """The unit's journal of this run, redacted."""
    archives: Mapping[str, Sequence[StoredArchive | RetrievedArchive]]
    """The new archives, and whatever else is new and belongs to none; none for a store that was down.

    Where they lie in repositories: the new dumps.
    """
    requests: Mapping[str, list[Request]]
    observed: Observation
    """What its laws are judged by."""

    @property
    def succeeded(self) -> bool:
        """Whether systemd calls it a success."""
        return self.result == "success"

    def archive_at(self, store: str) -> StoredArchive:
        """Return the one new archive, an object, at the store; AssertionError if there is none, or more than one.

        For scenarios that are marked with the promise ``objects``.
        """
        found = [archive for archive in self.archives[store] if isinstance(archive, StoredArchive)]
        assert len(found) == 1, f"{store} has {len(found)} new objects of {self.database}, not one\n{self.journal}"
        return found[0]
