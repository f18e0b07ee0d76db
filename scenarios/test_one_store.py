"""Something goes wrong at one store: the others are served, the operator is told, and the next run heals it."""

from __future__ import annotations

import pytest

from harness.scenario import Connection, Fault, FlipBit, Refuse, Trial, Truncate

FOR_A_MOMENT = {
    "one upload refused, 503": Fault(Refuse(503), method="PUT", nth=1),
    "one upload refused, 403": Fault(Refuse(403), method="PUT", nth=1),
    "one upload damaged in transit": Fault(FlipBit(8000), method="PUT", nth=1),
}
FOR_GOOD = {
    "keys revoked": (Fault(Refuse(403)), "403|denied"),
    "too many requests": (Fault(Refuse(503, retry_after=1)), "503|slow ?down|reduce"),
    "uploads truncated in transit": (Fault(Truncate(1000), method="PUT"), "bytes|size|differ|corrupt|hash"),
    "connection refused": (Connection.REFUSED, "refused"),
    "certificate by an unknown authority": (Connection.CERTIFICATE_BY_ANOTHER_CA, "certificate|x509"),
    "plain HTTP": (Connection.PLAIN_HTTP, "HTTP|TLS"),
}


@pytest.mark.incident(20, 21, 22, 27, 29)
@pytest.mark.parametrize("fault", FOR_A_MOMENT.values(), ids=FOR_A_MOMENT)
def test_one_store_fails_once(trial: Trial, any_database: str, fault: Fault) -> None:
    """Either the run makes good for it, or it is red: green means that each store has the archive."""
    store = list(trial.stores)[-1]
    trial.stores[store].meet(fault)
    run = trial.backup(any_database)
    trial.laws(run)
    if not run.succeeded:
        trial.laws.heal(any_database)


@pytest.mark.incident(20, 21, 22, 23, 27, 32, 33, 34)
@pytest.mark.parametrize(("fault", "cause"), FOR_GOOD.values(), ids=FOR_GOOD)
def test_one_store_fails_every_time(trial: Trial, any_database: str, fault: Fault | Connection, cause: str) -> None:
    """The run is red and says which store and why; the other stores have the archive; the next run heals it."""
    store = list(trial.stores)[-1]
    trial.stores[store].meet(fault)
    run = trial.backup(any_database)
    assert not run.succeeded, f"{store} took nothing, yet the unit succeeded:\n{run.journal}"
    trial.laws(run, where=store, cause=cause)
    trial.laws.heal(any_database)
