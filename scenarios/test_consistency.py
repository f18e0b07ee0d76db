"""An archive is of one moment, whatever is written while it is made."""

from __future__ import annotations

from collections.abc import Sequence

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


def is_of_after(differences: Sequence[str]) -> bool:
    """Whether they are the whole change, and nothing else."""
    changed = [{name for name in CHANGED if name in difference} for difference in differences]
    return all(changed) and set().union(*changed) == set(CHANGED)


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
            assert stage.ok or is_of_after(stage.differences), f"{any_database} failed at stage {stage}"
