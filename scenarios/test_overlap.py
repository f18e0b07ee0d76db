"""Two runs at once, or at the same time by the clock: each has its archive, and neither the other's."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from harness.scenario import BackupRun, Fault, RunMissingError, Stall, Trial

UNTIL_HEALED = 3600.0  # seconds
SUMMER_TIME_ENDS = datetime(2026, 10, 25, 1, tzinfo=UTC)  # in Berlin: a wall clock shows 2:00 to 3:00 twice


@pytest.mark.incident(54)
def test_another_starts_in_mid_upload(trial: Trial, any_database: str, another_database: str) -> None:
    """It ends while the first one's upload waits; or waits for that, where one lock is for all."""
    store = trial.stores[list(trial.stores)[-1]]
    store.meet(Fault(Stall(UNTIL_HEALED), method="PUT", key="?*", nth=1))
    runs: list[BackupRun] = []

    def heal() -> None:
        with suppress(RunMissingError):
            trial.units[any_database].wait_for_run(timeout=90)
        store.heal()

    def start_another() -> None:
        store.wait_until_met()
        runs.append(trial.backup(any_database, during=heal))

    runs.append(trial.backup(another_database, during=start_another))
    for run in runs:
        assert run.succeeded, str(run)
        trial.laws(run)


@pytest.mark.nightly
@pytest.mark.incident(54)
def test_all_start_at_once(trial: Trial, any_database: str, another_database: str) -> None:
    """As at each quarter past: while one database is dumped, and then encrypted, so is the other."""
    slow = trial.world.postgresql.slow_to_dump
    runs: list[BackupRun] = []
    with slow(any_database), slow(another_database):
        runs.append(trial.backup(another_database, during=lambda: runs.append(trial.backup(any_database))))
        for run in runs:
            assert run.succeeded, str(run)
            trial.laws(run)


@pytest.mark.incident(52)
@pytest.mark.parametrize(
    "later",
    [
        pytest.param(timedelta(), id="in one second"),
        pytest.param(timedelta(hours=1), id="as summer time ends", marks=pytest.mark.nightly),
    ],
)
def test_two_runs_at_one_time_by_the_clock(trial: Trial, any_database: str, later: timedelta) -> None:
    """A name that both would have means that the second run took the first one's archive away."""
    trial.machine.check("ln -sf /etc/zoneinfo/Europe/Berlin /etc/localtime")
    half_past = SUMMER_TIME_ENDS - timedelta(minutes=30)
    for moment in (half_past, half_past + later):
        with trial.world.clock.standing_still(moment):
            run = trial.backup(any_database)
        trial.laws(run)
