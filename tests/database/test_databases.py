"""What CREATE DATABASE decides is compared, each on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.database.fingerprint import fingerprint
from tests.database.databases import DATABASES

if TYPE_CHECKING:
    from harness.database.psql import Psql


@pytest.mark.parametrize(("aspect", "one", "other", "since"), DATABASES, ids=[aspect for aspect, *_ in DATABASES])
def test_another_kind_of_database_is_named(psql: Psql, aspect: str, one: str, other: str, since: int) -> None:
    if int(psql.run("SHOW server_version_num")) < since * 10000:
        pytest.skip(f"PostgreSQL {since} has it")
    try:
        psql.run(f"CREATE DATABASE one TEMPLATE template0 {one}")
        psql.run(f"CREATE DATABASE other TEMPLATE template0 {other}")
        found = fingerprint(psql, "one").diff(fingerprint(psql, "other"))
    finally:
        psql.drop("one")
        psql.drop("other")
    assert [(difference.path, difference.aspect) for difference in found] == [("database", aspect)]
