"""Neither secrets nor data leave the places where they belong."""

from __future__ import annotations

import pytest

from harness.scenario import Cause, Exposure, Fault, Law, Refuse, Stall, Trial

UNTIL_HEALED = 3600.0  # seconds


@pytest.mark.incident(17, 37, 38)
def test_a_run_shows_nothing(trial: Trial, any_database: str) -> None:
    """No row, passphrase or key in any request, command line or environment, or the journal; no file for any user.

    Files are looked at while the database is dumped, as each program starts, and while a store takes the archive.
    """
    store = trial.stores[list(trial.stores)[-1]]
    store.meet(Fault(Stall(UNTIL_HEALED), method="PUT", key="?*"))

    def look() -> None:
        trial.world.postgresql.wait_until_blocked()
        exposure.look()
        unlock()
        store.wait_until_met()
        exposure.look()
        store.heal()

    with Exposure(trial) as exposure, trial.world.postgresql.locked(any_database) as unlock:
        run = trial.backup(any_database, during=look)
    exposure.judge(run)
    assert run.succeeded, str(run)
    trial.laws(run)


@pytest.mark.nightly
@pytest.mark.incident(17, 37, 38)
def test_a_run_that_fails_shows_nothing(trial: Trial, any_database: str) -> None:
    """Nor what it does about a failure: what it says, tries again, or keeps for later; nor a second run before it."""
    store = list(trial.stores)[-1]
    with Exposure(trial) as exposure:
        good = [trial.backup(any_database), trial.backup(any_database)]
        trial.stores[store].meet(Fault(Refuse(403)))
        failed = trial.backup(any_database)
    trial.laws(failed, where=store, cause=Cause.DENIED)
    assert all(run.succeeded for run in good), "a run failed with no fault"
    assert not failed.succeeded, f"{store} took nothing, yet the unit succeeded:\n{failed.journal}"
    exposure.judge(*good, failed)


@pytest.mark.incident(39)
def test_no_secret_in_the_store(trial: Trial) -> None:
    """/nix/store is world-readable and is copied around: nothing of the site's secrets may be in it."""
    places = [secret.path for secret in trial.site.secrets]
    assert trial.leaks.in_files(*places) == places, "the search does not find them where they belong"
    names = trial.machine.check(["find", "/nix/store", "-printf", "%p %l\\n"], timeout=120).text
    assert "pg_dump" in names
    with trial.laws.about(Law.SECRECY):
        assert trial.leaks.in_files("/nix/store") == []
        found = trial.leaks.in_texts(names)
        assert not found, "a name in the Nix store has a secret"
