"""A backup is worth what it restores: each database, from each store, to the last row."""

from __future__ import annotations

import pytest

from harness.scenario import Law, Trial

PARENT_AND_CHILD = """
CREATE TABLE public.a_parent (id int PRIMARY KEY);
CREATE TABLE public.z_child (id int REFERENCES public.a_parent)
"""
CHANGE = """
INSERT INTO public.a_parent VALUES (1);
INSERT INTO public.z_child VALUES (1);
CREATE TABLE public.since (id int PRIMARY KEY)
"""
CHANGED = ("a_parent", "z_child", "since")


def test_round_trip(trial: Trial, database: str) -> None:
    """Dump, encrypt, upload; then fetch from each store on its own, decrypt, restore and compare with the source."""
    run = trial.backup(database)
    assert run.succeeded, str(run)
    trial.laws(run)


@pytest.mark.nightly
@pytest.mark.incident(59)
def test_the_database_changes_in_mid_dump(trial: Trial, any_database: str) -> None:
    """An archive is of one moment, before a change or after it: a child without its parent restores nowhere."""
    postgresql = trial.world.postgresql
    postgresql.change(any_database, PARENT_AND_CHILD)

    def change() -> None:
        postgresql.wait_until_dumped()
        postgresql.change(any_database, CHANGE)

    with postgresql.slow_to_dump(any_database):
        run = trial.backup(any_database, during=change)
    assert run.succeeded, str(run)
    trial.laws(run, except_=[Law.RESTORABLE])  # equal to the source of before: one of after is as good
    with trial.laws.about(Law.RESTORABLE):
        for stage in trial.judge(run).stages:
            seen = {name for name in CHANGED for line in stage.differences if name in line}
            of_after = len(seen) == len(CHANGED) and all(
                any(name in line for name in CHANGED) for line in stage.differences
            )
            assert stage.ok or of_after, f"{any_database} failed at stage {stage}"
