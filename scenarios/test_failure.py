"""A backup that no store took is red, and leaves nothing that looks like one."""

from __future__ import annotations

from harness.scenario import Fault, Refuse, Trial


def test_an_upload_that_every_store_refuses_makes_the_unit_red(trial: Trial) -> None:
    """The keys are revoked: each store answers 403 to everything. The operator must hear of it."""
    for store in trial.stores.values():
        store.meet(Fault(Refuse(403)))
    run = trial.backup(trial.site.databases[0])

    for name, store in trial.stores.items():
        assert run.requests[name], f"{name} got no request:\n{run.journal}"
        assert not store.objects(), f"{name} refused everything, yet it has objects"
    assert not run.succeeded, f"no store has the archive, yet the unit succeeded:\n{run.journal}"
    trial.laws(run, cause=r"\b403\b|denied|forbidden")
    assert run.unit in trial.machine.check(["systemctl", "list-units", "--failed", "--plain"]).text
