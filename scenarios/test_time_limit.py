"""A store takes no end: the run ends all the same, within its time, red, and the healthy are served."""

from __future__ import annotations

import pytest

from harness.scenario import Connection, Fault, Slow, Stall, Trial

NIGHTLY = pytest.mark.nightly
WITHOUT_END = 3600.0  # seconds
FIRST, LAST = 0, -1  # of a module that takes one store after the other, the first may take the others' time
FAULTS = [
    pytest.param(FIRST, Connection.BLACK_HOLE, id="packets are lost"),
    pytest.param(LAST, Fault(Stall(WITHOUT_END), method="PUT"), id="uploads are not answered", marks=NIGHTLY),
    pytest.param(FIRST, Fault(Stall(WITHOUT_END), method="GET"), id="reads are not answered", marks=NIGHTLY),
    pytest.param(LAST, Fault(Slow(100)), id="a hundred bytes a second", marks=NIGHTLY),
]


@pytest.mark.incident(23)
@pytest.mark.parametrize("gate", ["short-limit"], indirect=True)
@pytest.mark.parametrize(("which", "fault"), FAULTS)
def test_one_store_takes_no_end(trial: Trial, any_database: str, which: int, fault: Fault | Connection) -> None:
    """The site gives a run two minutes: red by then, naming the store; the others are served; the next run heals.

    Or green, if the store has the archive: not every module reads back.
    """
    store = list(trial.stores)[which]
    trial.stores[store].meet(fault)
    run = trial.backup(any_database, timeout=trial.site.time_limit + 10)
    trial.laws(run, where=store, cause="time|deadline")
    trial.laws.heal(any_database)
