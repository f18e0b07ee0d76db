"""The host's keys may do no more than they must: whoever takes the host over cannot delete what is in the stores."""

from __future__ import annotations

import pytest

from harness.scenario import Denied, Trial


@pytest.mark.incident(25, 58)
def test_keys_that_may_neither_delete_nor_create_buckets(trial: Trial, any_database: str) -> None:
    """Such keys are enough for a good run."""
    for store in trial.stores.values():
        store.meet(Denied.DELETE, Denied.CREATE_BUCKET)
    run = trial.backup(any_database)
    assert run.succeeded, str(run)
    trial.laws(run)
