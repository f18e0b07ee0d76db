"""The trial's time: the machine's clock and the stores' clocks, moved together."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.machine.machine import Machine
    from harness.store.store import Store
    from harness.trial.findings import Findings

# Before each second is over, the clock is set back to its beginning; ahead of all other work.
_STAND_STILL = """
import os, sys, time
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
while True:
    time.clock_settime(time.CLOCK_REALTIME, float(sys.argv[1]))
    print(flush=True)
    time.sleep(0.7)
"""


class WorldClock:
    """A store refuses requests dated 15 minutes off its own time, so the machine cannot be moved alone."""

    def __init__(self, machine: Machine, stores: Iterable[Store], findings: Findings) -> None:
        self._machine = machine
        self._stores = tuple(stores)
        self._findings = findings
        self.ahead = timedelta()
        """How far the trial's time is ahead of real time."""

    def now(self) -> datetime:
        """Return the time in UTC, to the precision of two computers' clocks."""
        return datetime.now(UTC) + self.ahead

    def next(self, *, minute: int, second: int = 0) -> datetime:
        """Return when it is ``minute``:``second`` of an hour next, by the machine's local time, in UTC.

        A quarter past the hour in Kathmandu is half past it in UTC.
        """
        now = self.now().astimezone(datetime.strptime(self._machine.check(["date", "+%z"]).text.strip(), "%z").tzinfo)
        moment = now.replace(minute=minute, second=second, microsecond=0)
        if moment <= now:
            moment += timedelta(hours=1)
        return moment.astimezone(UTC)

    def advance_to(self, *, minute: int, second: int = 0) -> datetime:
        """Go forward to the :meth:`next` such moment, and return it."""
        moment = self.next(minute=minute, second=second)
        self.go_ahead(self.ahead + (moment - self.now()))
        return moment

    def keep_clear_of(self, *, minute: int, by: timedelta) -> datetime:
        """Wait, where the :meth:`next` such moment is not that far away, until it is over; return the one to come."""
        while (moment := self.next(minute=minute)) - self.now() < by:
            with self._findings.timed(f"waiting for {moment:%H:%M} to pass"):
                time.sleep((moment - self.now()).total_seconds() + 1)
        return moment

    def go_ahead(self, ahead: timedelta) -> None:
        """Put the trial's time ``ahead`` of real time."""
        if ahead < self.ahead:
            self._count_from_the_last_line()
        self._put_stores(ahead)
        self._machine.set_clock(self.now())
        self._findings.note(f"the clocks of machine and stores are set to {self.now():%Y-%m-%d %H:%M:%S} UTC")

    def return_to_real_time(self) -> None:
        """Put the stores' clocks at real time, which a machine that is off has when it boots."""
        if self.ahead:
            self._put_stores(timedelta())
            self._findings.note(f"the clocks of the stores are set to {self.now():%Y-%m-%d %H:%M:%S} UTC")

    def _count_from_the_last_line(self) -> None:
        """Count from the last line before the trial, not from its time: what comes now may bear an earlier one."""
        if self._findings.since.startswith("--since"):
            until = self._findings.since.replace("--since", "--until")
            asked = ["journalctl", "--quiet", "--lines=1", "--output=cat", "--show-cursor", until]
            *_, last = self._machine.check(asked).text.splitlines()
            self._findings.since = f"--after-cursor={last.removeprefix('-- cursor: ')}"

    @contextmanager
    def standing_still(self, moment: datetime) -> Iterator[None]:
        """Put the trial's time at ``moment``, where the machine's clock stays, to the second; the stores' goes on.

        Within 15 minutes, or the stores refuse the machine's requests.
        """
        self.go_ahead(moment - datetime.now(UTC))
        second = str(moment.replace(microsecond=0).timestamp())
        standing = self._machine.start(["python3", "-c", _STAND_STILL, second])
        standing.read(timeout=30)
        try:
            yield
        finally:
            standing.kill()
            standing.wait(timeout=30)
            self._machine.set_clock(self.now())

    def put_machine_off(self, minutes: float) -> None:
        """Put the machine's clock, not the stores', that many minutes ahead of the trial's time; 0 mends it."""
        self._machine.set_clock(self.now() + timedelta(minutes=minutes))
        self._findings.note(f"the machine's clock is {minutes:g} minutes off")

    def _put_stores(self, ahead: timedelta) -> None:
        self.ahead = ahead
        for store in self._stores:
            store.skew(ahead.total_seconds())
