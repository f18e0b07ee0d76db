"""Random schemas and random changes: the fingerprint changes if and only if pg_dump's text does.

Or if a restore of both texts, which are equal, loses it for a reason that the verdict gives; or if a restore of each
of two different texts has the same one.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, note
from hypothesis import strategies as st

from harness.archive.losses import Losses
from harness.archive.restore import restored
from harness.database.fingerprint import Fingerprint, fingerprint
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


# What an owner granted to itself comes back as another's: the dump is the same as of the grant to another.
@example(
    schema="CREATE TABLE t (a integer); GRANT SELECT (a) ON t TO gate_reader;",
    listed=["ALTER TABLE t OWNER TO gate_reader;", "ALTER TABLE t OWNER TO CURRENT_USER;"],
)
# Restored without owners, the table is the restoring role's own: the grant changes nothing.
@example(
    schema="CREATE TABLE t (a integer); ALTER TABLE t OWNER TO gate_reader;",
    listed=["GRANT ALL ON t TO CURRENT_USER;"],
)
@given(schema=schemas(), listed=st.lists(changes(), min_size=3, max_size=3))
def test_the_fingerprint_changes_as_the_dump_does(psql: Psql, schema: str, listed: list[str]) -> None:
    note(schema)
    with created(psql, "random") as name:
        psql.run(_LENIENT + schema, name)
        before = dump(psql, name)
        text, seen = sorted(entries(before)), fingerprint(psql, name)
        for change in listed:
            psql.run(_LENIENT + change, name)
            dumped = dump(psql, name)
            new_text, now = sorted(entries(dumped)), fingerprint(psql, name)
            difference = seen.diff(now)
            note(f"{change}: {list(map(str, difference))}")
            if difference and text == new_text:
                explained = {path for source in (seen, now) for path in lost(psql, name, dumped, source)}
                assert {each.path for each in difference} <= explained
            elif text != new_text and not difference:
                assert restored_text(psql, name, before) == restored_text(psql, name, dumped)
            else:
                assert bool(difference) == (text != new_text)
            before, text, seen = dumped, new_text, now
        lost(psql, name, dumped, seen)


def restored_text(psql: Psql, name: str, dumped: bytes) -> list[str]:
    """What a dump of the restored database says."""
    with restored(psql, dumped, like=name) as back:
        return sorted(entries(dump(psql, back)))


def lost(psql: Psql, name: str, dumped: bytes, source: Fingerprint) -> set[str]:
    """What a restore of the dump lacks, all of it for a reason."""
    with restored(psql, dumped, like=name) as back:
        after = fingerprint(psql, back)
    losses = Losses.of(source, after, io.BytesIO(dumped))
    found = source.diff(after)
    assert [str(each) for each in found if losses.reason(each) is None] == []
    return {each.path for each in found}
