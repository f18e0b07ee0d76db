"""A fingerprint does not depend on how the database sorts text: a restored one may be on another cluster."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from harness.database.fingerprint import fingerprint
from tests.database.dumping import dump
from tests.database.fixtures import hard, psql

if TYPE_CHECKING:
    from harness.database.psql import Psql

__all__ = ["hard", "psql"]


def test_a_restored_database_with_another_collation_differs_in_that_alone(psql: Psql, hard: str) -> None:
    psql.run(
        "CREATE DATABASE sorted TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US-u-ka-shifted'"
    )  # as glibc sorts
    try:
        psql.load(io.BytesIO(dump(psql, hard)), "sorted")
        differences = [str(found) for found in fingerprint(psql, hard).diff(fingerprint(psql, "sorted"))]
    finally:
        psql.drop("sorted")
    assert differences
    assert [found for found in differences if not found.startswith("database: ")] == []
