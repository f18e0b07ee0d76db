"""Something goes wrong on the host: the run is red and says what, uploads nothing, and the next one heals it."""

from __future__ import annotations

import pytest

from harness.scenario import Trial


@pytest.mark.incident(1, 4, 5, 14, 18)
def test_postgresql_refuses_the_dump(trial: Trial, any_database: str) -> None:
    """A good backup, then two that PostgreSQL refuses: the archive and the dump of the good one stay."""
    trial.laws(trial.backup(any_database))
    trial.world.postgresql.refuse(any_database)
    for _ in range(2):
        run = trial.backup(any_database)
        trial.laws(run, where="dump", cause="not currently accepting", served=False)
        assert not run.succeeded, f"there was no dump, yet the unit succeeded:\n{run.journal}"
    trial.world.postgresql.accept(any_database)
    trial.laws.heal(any_database)


@pytest.mark.incident(2, 3)
def test_the_dump_is_killed_halfway(trial: Trial, any_database: str) -> None:
    """PostgreSQL ends pg_dump's session, as it does when it restarts or runs out of memory."""
    with trial.world.postgresql.slow_to_dump(any_database):
        run = trial.backup(any_database, during=trial.world.postgresql.end_dump)
    trial.laws(run, where="dump", cause="failed|terminat", served=False)
    assert not run.succeeded, f"the dump was cut off, yet the unit succeeded:\n{run.journal}"
    trial.laws.heal(any_database)


@pytest.mark.incident(26, 40)
@pytest.mark.parametrize(
    "content", [pytest.param(None, id="missing", marks=pytest.mark.nightly), pytest.param(b"", id="empty")]
)
def test_there_is_no_key(trial: Trial, any_database: str, content: bytes | None) -> None:
    """A secret that was never set must not mean an archive that anybody can read, nor silence."""
    trial.world.spoil_secret(trial.site.archives[any_database].passphrase_file, content)
    run = trial.backup(any_database)
    trial.laws(run, where="passphrase|key|secret|credential", cause="empty|no such file|missing|short", served=False)
    assert not run.succeeded, f"there was no key, yet the unit succeeded:\n{run.journal}"
    trial.world.place_secrets()
    trial.laws.heal(any_database)


@pytest.mark.nightly
@pytest.mark.incident(31)
def test_there_is_no_rclone_configuration(trial: Trial, any_database: str) -> None:
    """The stores cannot be known."""
    for secret in trial.site.secrets:
        if secret.kind == "rclone-config":
            trial.world.spoil_secret(secret.path, None)
    run = trial.backup(any_database)
    trial.laws(run, where="config|rclone", cause="no such file|not found|find|malformed|section", served=False)
    assert not run.succeeded, f"there was no configuration, yet the unit succeeded:\n{run.journal}"
    trial.world.place_secrets()
    trial.laws.heal(any_database)


@pytest.mark.incident(24)
def test_the_clock_is_wrong(trial: Trial, any_database: str) -> None:
    """Twenty minutes off, stores refuse the signature: the run takes their time instead, or is red and says so."""
    trial.world.clock.put_machine_off(minutes=20)
    run = trial.backup(any_database)
    trial.laws(run, where=list(trial.stores)[-1], cause="skew|too large|clock", served=False)
    trial.world.clock.put_machine_off(minutes=0)
    trial.laws.heal(any_database)
