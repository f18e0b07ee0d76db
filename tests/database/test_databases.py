"""What CREATE DATABASE decides is compared, each on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.database.fingerprint import fingerprint
from tests.database.cluster import installed
from tests.database.databases import DATABASES

if TYPE_CHECKING:
    from harness.database.psql import Psql


# What a server has not is not collected: nothing is missing, and a skip would say that something is.
_MAJOR = (installed() or (None, 99))[1]
_HERE = [row for row in DATABASES if row[-1] <= _MAJOR]


@pytest.mark.parametrize(
    ("aspect", "one", "other"),
    [row[:3] for row in _HERE],
    ids=[f"{aspect}, from PostgreSQL {since}" for aspect, *_, since in _HERE],
)
def test_another_kind_of_database_is_named(psql: Psql, aspect: str, one: str, other: str) -> None:
    try:
        psql.run(f"CREATE DATABASE one TEMPLATE template0 {one}")
        psql.run(f"CREATE DATABASE other TEMPLATE template0 {other}")
        found = fingerprint(psql, "one").diff(fingerprint(psql, "other"))
    finally:
        psql.drop("one")
        psql.drop("other")
    assert [(difference.path, difference.aspect) for difference in found] == [("database", aspect)]
