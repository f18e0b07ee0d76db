"""The power fails, and the machine boots from its disk: what has not been flushed is lost."""

from __future__ import annotations

import pytest

from harness.scenario import Law, Trial


@pytest.mark.incident(16)
def test_the_power_fails_right_after_success(trial: Trial, any_database: str) -> None:
    """What the stores have stays there; the next run archives the database as PostgreSQL's recovery left it."""
    trial.world.disk.flush_nothing()
    run = trial.backup(any_database)
    assert run.succeeded, str(run)
    trial.world.power_cycle()  # before it is judged: PostgreSQL would flush all to restore its archives
    trial.laws(run)
    trial.laws.heal(any_database)


@pytest.mark.nightly
@pytest.mark.incident(16)
@pytest.mark.parametrize("dumped", [pytest.param(False, id="in mid-dump"), pytest.param(True, id="in mid-encryption")])
def test_the_power_fails_before_the_upload(trial: Trial, any_database: str, *, dumped: bool) -> None:
    """What an earlier run left on the disk and in the stores stays, though half of what this one writes is flushed."""
    trial.laws(trial.backup(any_database))

    def cut() -> None:
        trial.world.postgresql.wait_until_dumped()
        if dumped:
            trial.units[any_database].wait_for_dump()
        trial.machine.check(["sync"])
        trial.world.power_cycle()

    with trial.world.postgresql.slow_to_dump(any_database):
        trial.machine.check(["sync"])
        run = trial.backup(any_database, during=cut)
    trial.laws(run, except_=[Law.SERVES])
    trial.laws.heal(any_database)
