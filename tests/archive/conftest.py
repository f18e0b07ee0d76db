from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from harness.database.fingerprint import Fingerprint, fingerprint
from tests.archive.encrypting import encrypted
from tests.archive.judged_run import Run
from tests.database.dumping import dump
from tests.database.fixtures import hard, psql

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.database.psql import Psql

__all__ = ["hard", "psql"]

SHOP = """
CREATE TABLE goods (id integer PRIMARY KEY, name text NOT NULL, price numeric DEFAULT 1, picture oid);
INSERT INTO goods SELECT i, 'good ' || i, i * 1.10, NULL FROM generate_series(1, 2000) i;
UPDATE goods SET picture = lo_from_bytea(4711, '\\x00ff') WHERE id = 1;
"""


@pytest.fixture(scope="module")
def shop(psql: Psql) -> Iterator[str]:
    psql.create("shop", like="postgres")
    psql.run(SHOP, "shop")
    yield "shop"
    psql.drop("shop")


@pytest.fixture(scope="module")
def content(psql: Psql, shop: str) -> bytes:
    return gzip.compress(dump(psql, shop))


@pytest.fixture(scope="module")
def source(psql: Psql, shop: str) -> Fingerprint:
    return fingerprint(psql, shop)


@pytest.fixture
def run(psql: Psql, source: Fingerprint, content: bytes, tmp_path: Path) -> Run:
    path = tmp_path / "shop.sql.gz"
    path.write_bytes(content)
    made = Run(psql, source, path, {}, {}, {})
    made.send(encrypted(content))
    return made
