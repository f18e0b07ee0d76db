"""A store takes no end: the run ends all the same, within its time, red, and the healthy are served."""

from __future__ import annotations

import pytest

from harness.scenario import Connection, Fault, Slow, Stall, Trial

NIGHTLY = pytest.mark.nightly
FOR_EVER = 3600.0  # seconds
WITHOUT_END = [
    pytest.param(Connection.BLACK_HOLE, id="packets are lost"),
    pytest.param(Fault(Stall(FOR_EVER), method="PUT"), id="uploads are not answered", marks=NIGHTLY),
    pytest.param(Fault(Stall(FOR_EVER), method="GET"), id="reads are not answered", marks=NIGHTLY),
    pytest.param(Fault(Slow(100)), id="a hundred bytes a second", marks=NIGHTLY),
]


@pytest.mark.incident(23)
@pytest.mark.parametrize("gate", ["short-limit"], indirect=True)
@pytest.mark.parametrize("fault", WITHOUT_END)
def test_one_store_takes_no_end(trial: Trial, any_database: str, fault: Fault | Connection) -> None:
    """The site gives a run two minutes: red by then, naming the store; the others are served; the next run heals."""
    store = list(trial.stores)[-1]
    trial.stores[store].meet(fault)
    run = trial.backup(any_database, timeout=trial.site.time_limit + 10)
    trial.laws(run, where=store, cause="time|deadline")
    assert not run.succeeded, f"{store} took nothing, yet the unit succeeded:\n{run.journal}"
    trial.laws.heal(any_database)
