"""Names sort by time and never collide."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.archive.names import ArchiveName as GateName
from pg_archive.errors import ConfigurationError
from pg_archive.names import ArchiveName, check_database, new_name

NOW = datetime(2026, 11, 22, 10, 15, 3, tzinfo=UTC)


def test_the_articles_form() -> None:
    name = new_name("db1", "gzip", NOW.astimezone(timezone(timedelta(hours=2))), [])
    assert str(name) == "db1_20261122T101503Z.sql.gz.enc"
    assert GateName.parse(f"databases/db1/{name}").taken == NOW
    assert ArchiveName.parse(str(name), "db1") == name


def test_two_in_one_second_and_a_clock_set_back() -> None:
    first = new_name("db1", "gzip", NOW, [])
    second = new_name("db1", "gzip", NOW, [first])
    third = new_name("db1", "gzip", NOW - timedelta(hours=1), [first, second])
    assert str(first) < str(second) < str(third)


def test_a_name_from_the_far_future_is_only_avoided() -> None:
    future = ArchiveName("db1", NOW + timedelta(days=400), ".gz")
    assert new_name("db1", "gzip", NOW, [future]).taken == NOW


def test_a_name_on_the_edge_of_what_is_avoided() -> None:
    """The second behind the newest that counts is taken by one that does not."""
    edge = next(day for day in range(1, 400) if new_name("db1", "gzip", NOW, [ahead(days=day)]).taken == NOW) - 1
    taken = [ahead(days=edge), ahead(days=edge, seconds=1)]
    assert new_name("db1", "gzip", NOW, taken).taken == NOW + timedelta(days=edge, seconds=2)


def ahead(**time: int) -> ArchiveName:
    return ArchiveName("db1", NOW + timedelta(**time), ".gz")


@given(st.lists(st.timedeltas(-timedelta(days=3), timedelta(days=3)), max_size=30))
def test_whatever_the_clock_does_no_name_is_given_twice(offsets: list[timedelta]) -> None:
    names: list[ArchiveName] = []
    for offset in offsets:
        names.append(new_name("db1", "gzip", NOW + offset, names))
    assert len({str(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    "name",
    ["db10_20261122T101503Z.sql.gz.enc", "xdb1_20261122T101503Z.sql.gz.enc", "db1_20261322T101503Z.sql.gz.enc",
     "db1_20261122T101503Z.sql.gz.enc.manifest", "db1_20261122T101503Z.sql.bz2.enc",
     "db1_20261122T101503Z.sql.gz.enc\n"],
)  # fmt: skip
def test_what_is_no_archive_of_this_database(name: str) -> None:
    assert ArchiveName.parse(name, "db1") is None


@pytest.mark.parametrize("name", ["a b", 'Zoë "x"', "Db-1.x"])
def test_unusual_databases(name: str) -> None:
    archive = new_name(check_database(name), "none", NOW, [])
    assert ArchiveName.parse(str(archive), name) == archive


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\nb", "a\0b"])
def test_databases_that_cannot_be_files(name: str) -> None:
    with pytest.raises(ConfigurationError):
        check_database(name)
