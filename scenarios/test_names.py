"""Databases whose names are alike: neither run touches what is the other's."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from harness.scenario import Law, Trial


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


@pytest.mark.nightly
@pytest.mark.incident(30, 53)
@pytest.mark.parametrize("gate", ["alike"], indirect=True)
def test_no_retention_takes_what_is_of_a_name_like_it(trial: Trial) -> None:
    """Long after their last archives db1 is backed up again: its old ones may go, and not those of db10."""
    trial.world.clock.go_ahead(-timedelta(days=400))
    old = {database: trial.backup(database) for database in trial.site.databases}
    trial.world.clock.go_ahead(timedelta())
    run = trial.backup("db1")
    assert run.succeeded, str(run)
    for store, database in product(trial.stores, sorted(set(old) - {"db1"})):
        last = {archive.key for archive in old[database].archives[store]}
        assert last, f"{store} had no archive of {database} that could be kept\n{old[database]}"
        with trial.laws.about(Law.KEEPS):
            kept = {archive.key for archive in trial.units[database].archives_at(store)}
            assert last <= kept, f"{store} no longer has the last archive of {database}: a run of db1 took it"
