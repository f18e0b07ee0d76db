"""Every column of a catalogue query is needed: without it, some test would be red."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.database.columns import columns, touched
from tests.database.databases import DATABASES
from tests.database.judged import changes, differences, side_by_side
from tests.database.mutations import MUTATIONS

if TYPE_CHECKING:
    from harness.database.psql import Psql

# What later majors have. (In 15, a collation's other attributes tell its provider.)
LATER = {
    ("collation", "provider"),
    ("collation", "rules"),
    *(("subscription", aspect) for aspect in ("failover", "origin", "password required", "run as owner")),
}

FORMER = {("type", "domain.not null")}  # a constraint since 17


def test_each_column_is_the_only_one_to_see_some_change(psql: Psql, hard: str) -> None:
    major = int(psql.run("SHOW server_version_num")) // 10000
    listed = changes(major, alone=False)
    with side_by_side(psql, listed) as (before, after):
        found = differences(psql, listed, before, after)
        read = columns(psql, hard) | columns(psql, after)
    kinds = {kind for kind, _ in read}
    seen = {next(iter(only)) for each in found if len(only := touched(each, kinds)) == 1}
    named = {
        (kind, aspect or "")
        for kind in sorted(kinds, key=len)
        for _, path, aspect in MUTATIONS
        if f"{path} ".startswith(f"{kind} ")
    }
    named |= {("database", aspect) for aspect, *_ in DATABASES} | {("database", "")}
    named |= LATER if major < 17 else FORMER
    unseen = [": ".join(column) for column in sorted(read - seen - named)]
    assert not unseen, "\n".join(unseen)
