"""A backup is worth what it restores: each database, from each store, to the last row."""

from __future__ import annotations

from harness.scenario import Trial


def test_round_trip(trial: Trial, database: str) -> None:
    """Dump, encrypt, upload; then fetch from each store on its own, decrypt, restore and compare with the source."""
    run = trial.backup(database)
    assert run.succeeded, str(run)
    trial.laws(run)
