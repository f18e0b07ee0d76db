"""The site decides how many stores there are: one is enough, three are as good as two, and each of them counts."""

from __future__ import annotations

import pytest

from harness.scenario import Cause, Fault, Refuse, Trial


@pytest.mark.nightly
@pytest.mark.parametrize("gate", ["one-store"], indirect=True)
def test_round_trip_through_one_store(trial: Trial) -> None:
    """The only store has the archive, and it restores; when it refuses the next one, the run is red."""
    assert list(trial.stores) == ["minio"]
    _round_trip(trial)
    _refused_by(trial, "minio")


@pytest.mark.nightly
@pytest.mark.parametrize("gate", ["three-stores"], indirect=True)
def test_round_trip_through_three_stores(trial: Trial) -> None:
    """Each of three has the archive, and it restores from each; when one refuses the next one, the run is red."""
    assert list(trial.stores) == ["backblaze", "scaleway", "wasabi"]
    _round_trip(trial)
    _refused_by(trial, "scaleway")


def _round_trip(trial: Trial) -> None:
    run = trial.backup(trial.site.databases[0])
    assert run.succeeded, str(run)
    trial.laws(run)


def _refused_by(trial: Trial, store: str) -> None:
    trial.stores[store].meet(Fault(Refuse(403), method="PUT"))
    run = trial.backup(trial.site.databases[0])
    trial.laws(run, where=store, cause=Cause.DENIED)
    assert not run.succeeded, f"{store} took nothing, yet the unit succeeded:\n{run.journal}"
