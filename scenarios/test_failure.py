"""A backup that no store took is red, and leaves nothing that looks like one."""

from __future__ import annotations

import pytest

from harness.scenario import Cause, Connection, Fault, Refuse, Trial


@pytest.mark.incident(12)
def test_an_upload_that_every_store_refuses_makes_the_unit_red(trial: Trial) -> None:
    """The keys are revoked: each store answers 403 to everything. The operator must hear of it."""
    for store in trial.stores.values():
        store.meet(Fault(Refuse(403)))
    run = trial.backup(trial.site.databases[0])

    for name, store in trial.stores.items():
        assert run.requests[name], f"{name} got no request:\n{run.journal}"
        assert not store.objects(), f"{name} refused everything, yet it has objects"
    assert not run.succeeded, f"no store has the archive, yet the unit succeeded:\n{run.journal}"
    trial.laws(run, cause=Cause.DENIED)
    assert run.unit in trial.machine.check(["systemctl", "list-units", "--failed", "--plain"]).text


@pytest.mark.nightly
@pytest.mark.incident(12, 31)
@pytest.mark.parametrize("connection", [Connection.REFUSED, Connection.CERTIFICATE_EXPIRED], ids=["down", "expired"])
def test_no_store_can_be_reached(trial: Trial, any_database: str, connection: Connection) -> None:
    """The line to the providers is cut, say: the unit names each store, and the next run heals it."""
    trial.laws(trial.backup(any_database))
    for store in trial.stores.values():
        store.meet(connection)
    run = trial.backup(any_database)
    trial.laws(run, cause=f"{Cause.REFUSED}|{Cause.CERTIFICATE}")
    assert not run.succeeded, f"no store could be reached, yet the unit succeeded:\n{run.journal}"
    trial.laws.heal(any_database)
