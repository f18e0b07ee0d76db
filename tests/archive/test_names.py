"""A key is one database's archive, and db1's is not db10's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.archive.errors import BadArchiveName
from harness.archive.names import ArchiveName

TAKEN = datetime(2026, 11, 22, 10, 15, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "database"),
    [
        ("db1/db1_20261122T101503Z.sql.gz.enc", "db1"),
        ("databases/db1/db1_20261122T101503Z.sql.gz.enc", "db1"),
        ("a b/a b_20261122T101503Z.sql.gz.enc", "a b"),
        ("x_y_20260101T000000Z/x_y_20260101T000000Z_20261122T101503Z.sql.gz.enc", "x_y_20260101T000000Z"),
        ("ü.sql/ü.sql_20261122T101503Z.sql.gz.enc", "ü.sql"),
        ("db1/db1_20261122T101503Z.sql.enc", "db1"),
        ("db1/db1_20261122T101503Z.sql.zstd.enc", "db1"),
    ],
)
def test_a_key_is_taken_apart(key: str, database: str) -> None:
    assert ArchiveName.parse(key) == ArchiveName(database, TAKEN, key)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "db1_20261122T101503Z.sql.gz.enc",
        "db1/db1_20261122T101503Z.sql.gz",
        "db1/db1_20261122T101503.sql.gz.enc",
        "db1/db1_20261322T101503Z.sql.gz.enc",
        "db1/db1_20260229T101503Z.sql.gz.enc",
        "db1/db1_20261122T101560Z.sql.gz.enc".replace("60Z", "75Z"),
        "db1/db1_20261122T101503Z.sql.gz.enc\n",
        "db1/db1_\uff12\uff10261122T101503Z.sql.gz.enc",
        "db1/db1-20261122T101503Z.sql.gz.enc",
        "db1/.db1_20261122T101503Z.sql.gz.enc.partial",
    ],
)
def test_another_form_is_no_archive(key: str) -> None:
    with pytest.raises(BadArchiveName, match="not an archive name"):
        ArchiveName.parse(key)


def test_an_archive_in_another_databases_directory() -> None:
    with pytest.raises(BadArchiveName, match="an archive of db10 in the directory of db1"):
        ArchiveName.parse("db1/db10_20261122T101503Z.sql.gz.enc")
