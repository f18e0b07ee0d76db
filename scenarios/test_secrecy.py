"""Neither secrets nor data leave the places where they belong."""

from __future__ import annotations

import pytest

from harness.scenario import Cause, Exposure, Fault, Law, Refuse, Trial


@pytest.mark.incident(17, 37, 38)
def test_a_run_shows_nothing(trial: Trial, any_database: str) -> None:
    """No row, passphrase or key in any request, command line or environment, or the journal; no file that has one."""
    with Exposure(trial) as exposure:
        run = trial.backup(any_database)
    assert run.succeeded, str(run)
    for store, requests in run.requests.items():
        assert any(request.method == "PUT" and request.size for request in requests), f"{store}: nothing was uploaded"
    with trial.laws.about(Law.SECRECY):
        shown = exposure.of(run)
        assert not shown, "\n".join(shown)


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
    with trial.laws.about(Law.SECRECY):
        shown = exposure.of(*good, failed)
        assert not shown, "\n".join(shown)


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
