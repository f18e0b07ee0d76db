"""Something goes wrong at one store: the others are served, the operator is told, and the next run heals it."""

from __future__ import annotations

import pytest

from harness.scenario import Connection, Fault, FlipBit, Refuse, Trial, Truncate

NIGHTLY = pytest.mark.nightly
FOR_A_MOMENT = [
    pytest.param(Fault(Refuse(503), method="PUT", nth=1), id="one upload refused, 503", marks=NIGHTLY),
    pytest.param(Fault(Refuse(403), method="PUT", nth=1), id="one upload refused, 403"),
    pytest.param(Fault(FlipBit(8000), method="PUT", nth=1), id="one upload damaged in transit"),
]
FOR_GOOD = [
    pytest.param(Fault(Refuse(403)), r"\b403\b|denied", id="keys revoked"),
    pytest.param(Fault(Refuse(503, retry_after=1)), r"\b503\b|slow ?down", id="too many requests", marks=NIGHTLY),
    pytest.param(Fault(Truncate(1000), method="PUT"), "bytes|size|differ|corrupt|hash", id="uploads cut short"),
    pytest.param(Connection.REFUSED, "refused", id="connection refused", marks=NIGHTLY),
    pytest.param(Connection.CERTIFICATE_BY_ANOTHER_CA, "certificate|x509", id="certificate by an unknown authority"),
    pytest.param(Connection.PLAIN_HTTP, "HTTP response|first record|HTTPS client", id="plain HTTP", marks=NIGHTLY),
]


@pytest.mark.incident(20, 21, 22, 27, 29)
@pytest.mark.parametrize("fault", FOR_A_MOMENT)
def test_one_store_fails_once(trial: Trial, any_database: str, fault: Fault) -> None:
    """Either the run makes good for it, or it is red: green means that each store has the archive."""
    store = list(trial.stores)[-1]
    trial.stores[store].meet(fault)
    run = trial.backup(any_database)
    trial.laws(run)
    if not run.succeeded:
        trial.laws.heal(any_database)


@pytest.mark.incident(20, 21, 22, 23, 27, 32, 33, 34)
@pytest.mark.parametrize(("fault", "cause"), FOR_GOOD)
def test_one_store_fails_every_time(trial: Trial, any_database: str, fault: Fault | Connection, cause: str) -> None:
    """After a good run: red, with the store and the cause; the others have the archive; the next run heals it."""
    trial.laws(trial.backup(any_database))
    store = list(trial.stores)[-1]
    trial.stores[store].meet(fault)
    run = trial.backup(any_database)
    trial.laws(run, where=store, cause=cause)
    assert not run.succeeded, f"{store} took nothing, yet the unit succeeded:\n{run.journal}"
    trial.laws.heal(any_database)
