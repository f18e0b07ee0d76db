"""The power fails, and the machine boots from its disk: what has not been flushed is lost."""

from __future__ import annotations

import pytest

from harness.scenario import Law, NotSeen, Trial


@pytest.mark.incident(16)
def test_the_power_fails_right_after_success(trial: Trial, any_database: str) -> None:
    """What the stores have stays there; the next run archives the database as PostgreSQL's recovery left it."""
    trial.world.disk.flush_nothing()
    run = trial.backup(any_database)
    assert run.succeeded, str(run)
    trial.world.power.cycle()  # before it is judged: PostgreSQL would flush all to restore its archives
    trial.laws(run)
    trial.laws.heal(any_database)


@pytest.mark.nightly
@pytest.mark.incident(16)
@pytest.mark.parametrize(
    "flushed", [pytest.param(False, id="none of it flushed"), pytest.param(True, id="half of it flushed")]
)
def test_the_power_fails_in_mid_dump(trial: Trial, any_database: str, *, flushed: bool) -> None:
    """What an earlier run left on the disk and in the stores stays, whatever the disk has of this one."""
    trial.laws(trial.backup(any_database))

    def cut() -> None:
        trial.world.postgresql.wait_until_dumped()
        if flushed:
            trial.machine.check(["sync"])
        trial.world.power.cycle()

    with trial.world.postgresql.slow_to_dump(any_database):
        trial.world.disk.flush_nothing()
        run = trial.backup(any_database, during=cut)
    trial.laws(run, except_=[Law.SERVES])
    trial.laws.heal(any_database)


@pytest.mark.nightly
@pytest.mark.incident(16)
def test_the_power_fails_in_mid_encryption(trial: Trial, any_database: str) -> None:
    """The dump is whole, and no store has any of it: what an earlier run left stays."""
    trial.laws(trial.backup(any_database))

    def cut() -> None:
        trial.world.postgresql.wait_until_dumped()
        trial.units[any_database].wait_for_dump()
        trial.world.power.cycle()

    with trial.world.postgresql.slow_to_dump(any_database):
        trial.world.disk.flush_nothing()
        run = trial.backup(any_database, during=cut)
    if any(request.method == "PUT" for requests in run.requests.values() for request in requests):
        raise NotSeen(f"{run.unit} had begun to upload when the power failed: that was not in mid-encryption")
    trial.laws(run, except_=[Law.SERVES])
    trial.laws.heal(any_database)
