"""Databases whose names are alike: neither run touches what is the other's."""

from __future__ import annotations

import pytest

from harness.scenario import Trial


@pytest.mark.nightly
@pytest.mark.incident(30)
@pytest.mark.parametrize("gate", ["alike"], indirect=True)
def test_one_name_begins_like_another(trial: Trial) -> None:
    """db1 beside db10, db1_old and Db-1.a: each has its archives, whichever was backed up before."""
    order = ("db10", "db1_old", "Db-1.a", "db1", "db10")
    assert set(order) == set(trial.site.databases)
    for database in order:
        run = trial.backup(database)
        assert run.succeeded, str(run)
        trial.laws(run)
