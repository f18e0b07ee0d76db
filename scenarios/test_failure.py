"""A backup that did not reach every store is red."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.trial.trial import Trial


@pytest.mark.parametrize("store", ["backblaze", "wasabi"])
def test_a_store_that_is_down_makes_the_unit_red(trial: Trial, store: str) -> None:
    """The provider is away for the whole run: the operator must hear of it."""
    trial.endpoints[store].stop()
    run = trial.backup("db1")
    trial.endpoints[store].restart()

    assert not trial.endpoints[store].objects(), f"{store} was down all the time, yet it holds something"
    assert not run.succeeded, f"{store} was down and has nothing, yet the unit is a success:\n{run.journal}"
    assert run.unit in trial.machine.check(["systemctl", "list-units", "--failed", "--plain"]).text
