"""One run of a backup unit: how it ended and what was seen from outside."""

from __future__ import annotations

import re
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
"""The gate stopped it, after the site's limit or later."""
STOPPED_EARLY = "stopped-early"
"""The gate stopped it, after its own limit: nobody knows how it would have ended."""

# systemd calls neither failed: no OnFailure= is started, and `systemctl --failed` does not list it. The second is
# what ExecCondition= skips.
_UNNOTICED = {"success", "exec-condition"}


@dataclass(frozen=True)
class BackupRun:
    """One run of a database's backup unit, and what it left at the stores (by the store's name)."""

    database: str
    unit: str
    result: str
    """systemd's word for how it ended: ``success``, ``exit-code``, ``timeout``, … (systemd.exec(5), $SERVICE_RESULT),
    or :data:`POWER_CUT`, :data:`STOPPED` or :data:`STOPPED_EARLY`"""
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
        """Whether systemd calls it a success, or no failure: then no operator hears of it."""
        return self.result in _UNNOTICED

    def __str__(self) -> str:
        """How it ended, in a line that reports show, and its journal: ``assert run.succeeded, str(run)``."""
        return f"{self.unit} ended in {self.result}; its last line: {last_line(self.journal)}\n{self.journal}"

    def archive_at(self, store: str) -> StoredArchive:
        """Return the one new archive, an object, at the store; AssertionError if there is none, or more than one.

        For scenarios that are marked with the promise ``objects``.
        """
        found = [archive for archive in self.archives[store] if isinstance(archive, StoredArchive)]
        assert len(found) == 1, f"{store} has {len(found)} new objects of {self.database}, not one\n{self.journal}"
        return found[0]


def own_lines(journal: str) -> list[str]:
    """Return what the unit's own programs said: without systemd's lines, times and process ids."""
    lines = (re.fullmatch(r"(?:\[ *[\d.]+\] \S+ (\S+?)(?:\[\d+\])?: )?(.*)", line) for line in journal.splitlines())
    return [found[2] for found in lines if found and found[1] != "systemd"]


def last_line(journal: str) -> str:
    """Return the last of what the unit's own programs said; systemd's, if they said nothing."""
    return (own_lines(journal) or journal.splitlines() or ["it is empty"])[-1]
