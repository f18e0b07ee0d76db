"""The site decides how many stores there are: one is enough, three are as good as two."""

from __future__ import annotations

import pytest

from harness.scenario import Trial


@pytest.mark.nightly
@pytest.mark.parametrize("gate", ["one-store"], indirect=True)
def test_round_trip_through_one_store(trial: Trial) -> None:
    """The only store has the archive, and it restores."""
    assert list(trial.stores) == ["minio"]
    _round_trip(trial)


@pytest.mark.nightly
@pytest.mark.parametrize("gate", ["three-stores"], indirect=True)
def test_round_trip_through_three_stores(trial: Trial) -> None:
    """Each of three has the archive, and it restores from each."""
    assert list(trial.stores) == ["backblaze", "scaleway", "wasabi"]
    _round_trip(trial)


def _round_trip(trial: Trial) -> None:
    run = trial.backup(trial.site.databases[0])
    assert run.succeeded, str(run)
    trial.laws(run)
