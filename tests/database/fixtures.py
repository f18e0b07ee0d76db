"""A server for the tests, with two databases that are filled once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from harness.database import datasets
from harness.database.psql import Psql, identifier
from harness.host.workspace import Workspace
from tests.database.cluster import Cluster

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def psql() -> Iterator[Psql]:
    """A PostgreSQL server on this host."""
    with Workspace() as workspace:
        cluster = Cluster(workspace)
        yield Psql(cluster.shell)
        cluster.close()


@pytest.fixture(scope="session")
def hard(psql: Psql) -> str:
    """The database built to be hard; do not change it, see :func:`copied`."""
    psql.create("hard", like="postgres")
    datasets.hard().load(psql, "hard")
    return "hard"


@contextmanager
def created(psql: Psql, name: str) -> Iterator[str]:
    """Yield an empty database, then drop it."""
    psql.create(name, like="postgres")
    try:
        yield name
    finally:
        psql.drop(name)


@contextmanager
def copied(psql: Psql, database: str) -> Iterator[str]:
    """Yield a copy of a database, then drop it."""
    name = f"copy of {database}"
    psql.run(f"CREATE DATABASE {identifier(name)} TEMPLATE {identifier(database)} STRATEGY file_copy")
    try:
        yield name
    finally:
        psql.drop(name)
