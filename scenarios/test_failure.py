"""A backup that no store has taken is red, and leaves nothing that looks like one."""

from __future__ import annotations

from harness.scenario import Fault, Refuse, Trial


def test_an_upload_that_every_store_refuses_makes_the_unit_red(trial: Trial) -> None:
    """The keys have been revoked: each store answers 403 to everything. The operator must hear of it."""
    for endpoint in trial.endpoints.values():
        endpoint.meet(Fault(Refuse(403)))
    run = trial.backup(trial.site.databases[0])

    for store, endpoint in trial.endpoints.items():
        assert run.requests[store], f"{store} was not even asked:\n{run.journal}"
        assert not endpoint.objects(), f"{store} refused everything, yet it holds something"
    assert not run.succeeded, f"no store has the archive, yet the unit is a success:\n{run.journal}"
    assert run.unit in trial.machine.check(["systemctl", "list-units", "--failed", "--plain"]).text
