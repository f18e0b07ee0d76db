"""Everything that a restore could lose is detected and named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.database.fingerprint import Fingerprint, fingerprint
from tests.database.mutations import MUTATIONS
from tests.database.undone import undone

if TYPE_CHECKING:
    from harness.database.psql import Psql


@pytest.fixture(scope="module")
def source(psql: Psql, hard: str) -> Fingerprint:
    return fingerprint(psql, hard)


@pytest.mark.parametrize(("sql", "path", "aspect"), MUTATIONS, ids=[sql for sql, _, _ in MUTATIONS])
def test_a_single_change_is_named(
    psql: Psql, hard: str, source: Fingerprint, sql: str, path: str, aspect: str | None
) -> None:
    changed = fingerprint(undone(psql, sql), hard)
    first = source.diff(changed)[0]
    assert (first.path, first.aspect) == (path, aspect), str(first)
    assert changed.digest != source.digest


def test_nothing_is_named_without_a_change(psql: Psql, hard: str, source: Fingerprint) -> None:
    again = fingerprint(undone(psql, "SELECT"), hard)
    assert source.diff(again) == []
    assert again.digest == source.digest
