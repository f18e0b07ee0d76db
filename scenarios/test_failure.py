"""A backup that no store has taken is red, and leaves nothing that looks like one."""

from __future__ import annotations

from harness.scenario import Fault, Refuse, Trial


def test_an_upload_that_every_store_refuses_makes_the_unit_red(trial: Trial) -> None:
    """The keys have been revoked: each name answers 403 to everything. The operator must hear of it."""
    for store in trial.stores.values():
        store.meet(Fault(Refuse(403)))
    run = trial.backup(trial.site.databases[0])

    for name, store in trial.stores.items():
        assert run.requests[name], f"{name} was not even asked:\n{run.journal}"
        assert not store.objects(), f"{name} refused everything, yet it holds something"
    assert not run.succeeded, f"no name has the archive, yet the unit is a success:\n{run.journal}"
    assert run.unit in trial.machine.check(["systemctl", "list-units", "--failed", "--plain"]).text
