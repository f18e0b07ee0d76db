"""The timers: listed, and firing at 15 minutes past the hour."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.trial.trial import Trial


@pytest.mark.promise("schedule")
def test_timers_are_enabled_and_listed(trial: Trial, database: str) -> None:
    """After a boot the operator finds the timer waiting for the next quarter past."""
    trial.start_timers()
    listing = trial.machine.check(["systemctl", "list-timers", "--no-pager"]).text
    line = next((line for line in listing.splitlines() if f"postgresqlBackup-{database}.timer" in line), "")
    assert line, f"not among the timers:\n{listing}"
    assert ":15:00 UTC" in line.split("left")[0], f"not due at a quarter past: {line}"


@pytest.mark.promise("schedule")
def test_the_timer_fires_at_a_quarter_past(trial: Trial, database: str) -> None:
    """The clock comes to :15 and the unit runs by itself, once, and delivers."""
    trial.start_timers()
    trial.clock.advance_to(minute=14, second=57)
    assert not trial.has_run(database), "it ran before its time"

    quarter = trial.clock.advance_to(minute=15)
    trial.clock.advance_to(minute=15, second=57)  # a timer may be a minute late: AccuracySec, systemd.timer(5)
    trial.wait_for_run(database)

    assert quarter <= trial.started(database) <= quarter + timedelta(seconds=62)
    for name, store in trial.stores.items():
        keys = [item.key for item in store.objects(f"databases/{database}/")]
        assert len(keys) == 1, f"{name} has {keys}"
