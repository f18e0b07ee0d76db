"""The power fails, and the machine boots from its disk."""

from __future__ import annotations

from harness.scenario import Trial


def test_a_backup_after_a_power_cut_restores(trial: Trial, any_database: str) -> None:
    """The next run archives the database as PostgreSQL's recovery left it."""
    trial.world.power_cycle()
    run = trial.backup(any_database)
    assert run.succeeded, run.journal
    verdict = trial.judge(run)
    assert verdict.ok, verdict
