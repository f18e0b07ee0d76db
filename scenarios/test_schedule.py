"""The timers: listed, and firing at 15 minutes past the hour."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from harness.scenario import NotApplicable, Trial


def test_timers_are_enabled_and_listed(trial: Trial, database: str) -> None:
    """After a boot the operator finds the timer waiting for its next time, whenever that is."""
    timer = trial.site.archives[database].timer
    if not timer:
        raise NotApplicable(f"gate.archives.{database}.timer is empty: the site has no timer for it")
    wanted = trial.machine.check(["systemctl", "show", "--property=WantedBy", "--property=RequiredBy", timer]).text
    assert ".target" in wanted, f"{timer} is not started at boot: {wanted}"
    trial.world.start_timers()
    listing = trial.machine.check(["systemctl", "list-timers", "--no-pager"]).text
    assert timer in listing, f"not among the timers:\n{listing}"
    state = trial.machine.check(["systemctl", "show", "--property=SubState", "--value", timer]).text.strip()
    assert state in {"waiting", "running"}, f"{timer} will start nothing any more: it is {state}"


@pytest.mark.promise("schedule")
def test_the_timers_fire_at_a_quarter_past(trial: Trial) -> None:
    """At :15 each unit runs by itself, beside the others, once, and delivers what its own key opens."""
    trial.world.start_timers()
    listing = trial.machine.check(["systemctl", "list-timers", "--no-pager"]).text  # in local time
    trial.world.clock.advance_to(minute=14, second=57)
    early = [database for database, unit in trial.units.items() if unit.started()]
    assert not early, f"{early} ran early"
    due = re.findall(r"^\S+ \S+ \d\d:15:00 .*?(\S+[.]timer)", listing, re.MULTILINE)
    assert set(trial.site.timers) <= set(due), f"not due at a quarter past:\n{listing}"

    quarter = trial.world.clock.advance_to(minute=15)
    trial.world.clock.advance_to(minute=15, second=57)  # a timer may be a minute late: AccuracySec, systemd.timer(5)
    for database in trial.units:
        started = _started_by_itself(trial, database)
        assert quarter <= started <= quarter + timedelta(seconds=62), database


@pytest.mark.nightly
@pytest.mark.incident(55, 57)
@pytest.mark.promise("schedule")
def test_a_run_that_was_missed_is_made_up_for(trial: Trial, any_database: str) -> None:
    """The machine was off for the hour in which it was due: the boot starts it, and PostgreSQL takes its time."""
    trial.world.postgresql.be_slow_to_start(seconds=20)
    quarter = trial.world.clock.keep_clear_of(minute=15, by=timedelta(minutes=5))  # it boots at real time
    trial.world.power.off_for(timedelta(hours=1))
    started = _started_by_itself(trial, any_database)
    assert started < quarter, "it was not made up for: it ran at its next time"


@pytest.mark.nightly
@pytest.mark.incident(56)
@pytest.mark.promise("schedule")
def test_the_network_comes_after_the_timer(trial: Trial, any_database: str) -> None:
    """At a boot the missed run is made up for at once, and the network takes longer."""
    trial.world.start_timers(off=timedelta(hours=1), before_network_for=trial.units[any_database].name)
    _started_by_itself(trial, any_database)


def _started_by_itself(trial: Trial, database: str) -> datetime:
    """Return when, of a run that succeeds, and leaves one archive in each store that its own key opens."""
    unit = trial.units[database]
    failure = unit.wait_for_run()
    assert not failure, failure
    for store in trial.stores:
        archives = unit.archives_at(store)
        assert len(archives) == 1, f"{store} has {archives or 'no archive'} of {database}"
        assert not archives[0].missing, f"{store} has half an archive, without {archives[0].missing}"
        assert archives[0].opens(unit.key), f"{store}: {database}'s own key does not open {archives[0].key}"
    started = unit.started()
    assert started
    return started
