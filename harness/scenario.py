"""Every word that a scenario may use: it imports nothing but this, pytest and Python's standard library.

A scenario takes the fixture ``trial``, a :class:`Trial`, and mostly ``database``, the name of one of the site's.

- act: ``trial.backup(database)`` gives a :class:`BackupRun`; ``trial.units[database]`` is a :class:`Unit`, whose
  runs can also be waited for; ``trial.world``, a :class:`World`, moves the clocks, cuts the power, starts the timers;
  ``trial.machine`` runs any command, and ``trial.machine.host`` is testinfra's host.
- ask: ``trial.laws(run)`` asks every :class:`Law` that the site promises, and raises :class:`LawBroken`;
  ``trial.laws.heal(database)`` ends the faults at the stores and sees that the next run heals everything. What a
  scenario asserts itself can be about a law, too: ``with trial.laws.about(Law.SECRECY): assert …``; by which words a
  red run names a :class:`Cause` is in one table
- disturb: ``trial.stores["wasabi"]``, a :class:`Store`, can be told to ``meet`` a :class:`Fault`: one of the effects
  :class:`Refuse`, :class:`Stall`, :class:`Slow`, :class:`Reset`, :class:`Truncate`, :class:`FlipBit`, :class:`Lag`,
  :class:`Page`, on which requests, and whether the server has done its work before; or a :class:`Connection`, which
  fails before any request; or what is :class:`Denied` to the key. :class:`Killing` ends one program of a run.
- restore: the fixture ``elsewhere`` is another machine, an :class:`Elsewhere`, which restores by the site's program;
  ``elsewhere.differences(run, restored)`` compares a :class:`Restored` with the source.
- look: ``trial.judge(run)`` gives a :class:`Verdict`; ``run.archive_at(store)`` a :class:`StoredArchive`;
  ``trial.leaks``, :class:`Leaks`, looks for secrets, and an :class:`Exposure` for what a run shows of them.
- a promise that a site may be exempt from is ``@pytest.mark.promise(name)``, one of :data:`PROMISES`; what only a
  scenario can see makes it not applicable by ``raise NotApplicable(reason)``. One that takes ``another_database``
  is not applicable to a site with one. What came too late to be seen is ``raise NotSeen(reason)``: no verdict.
"""

from __future__ import annotations

from harness.archive.packets import Packets
from harness.archive.verdict import Stage, Verdict
from harness.errors import NotApplicable
from harness.site.promises import PROMISES
from harness.store.connection import Connection
from harness.store.denied import Denied
from harness.store.effect import FlipBit, Lag, Page, Refuse, Reset, Slow, Stall, Truncate
from harness.store.fault import Fault
from harness.store.request import Request
from harness.store.store import Store, StoredObject
from harness.trial.backup_run import BackupRun
from harness.trial.cause import Cause
from harness.trial.elsewhere import Elsewhere, Restored
from harness.trial.errors import NotSeen
from harness.trial.exposure import Exposure
from harness.trial.killing import Killing
from harness.trial.law import Law, LawBroken
from harness.trial.leaks import Leaks
from harness.trial.stored_archive import StoredArchive
from harness.trial.trial import Trial
from harness.trial.unit import RunMissingError, Unit
from harness.trial.world import World

__all__ = [
    "PROMISES",
    "BackupRun",
    "Cause",
    "Connection",
    "Denied",
    "Elsewhere",
    "Exposure",
    "Fault",
    "FlipBit",
    "Killing",
    "Lag",
    "Law",
    "LawBroken",
    "Leaks",
    "NotApplicable",
    "NotSeen",
    "Packets",
    "Page",
    "Refuse",
    "Request",
    "Reset",
    "Restored",
    "RunMissingError",
    "Slow",
    "Stage",
    "Stall",
    "Store",
    "StoredArchive",
    "StoredObject",
    "Trial",
    "Truncate",
    "Unit",
    "Verdict",
    "World",
]
