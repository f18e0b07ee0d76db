"""Random schemas and random changes: the fingerprint changes if and only if pg_dump's text does."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from harness.archive.losses import Losses
from harness.archive.restore import restored
from harness.database.fingerprint import fingerprint
from tests.database.dumping import dump
from tests.database.fixtures import created
from tests.database.judged import ROLES, entries
from tests.database.schemas import changes, schemas

if TYPE_CHECKING:
    from harness.database.psql import Psql

_LENIENT = "\\set ON_ERROR_STOP 0\n"  # statements that do not fit together fail, and change nothing


@pytest.fixture(scope="module", autouse=True)
def roles(psql: Psql) -> None:
    psql.run(ROLES)


@given(schema=schemas(), listed=st.lists(changes(), min_size=3, max_size=3))
def test_the_fingerprint_changes_as_the_dump_does(psql: Psql, schema: str, listed: list[str]) -> None:
    note(schema)
    with created(psql, "random") as name:
        psql.run(_LENIENT + schema, name)
        text, seen = sorted(entries(dump(psql, name))), fingerprint(psql, name)
        for change in listed:
            psql.run(_LENIENT + change, name)
            dumped = dump(psql, name)
            new_text, now = sorted(entries(dumped)), fingerprint(psql, name)
            difference = list(map(str, seen.diff(now)))
            note(f"{change}: {difference}")
            assert bool(difference) == (text != new_text)
            text, seen = new_text, now
        with restored(psql, dumped, like=name) as back:
            after = fingerprint(psql, back)
            losses = Losses.of(seen, after, io.BytesIO(dumped))
            assert [str(lost) for lost in seen.diff(after) if losses.reason(lost) is None] == []
