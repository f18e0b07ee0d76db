"""``pg-archive restore``: the moment at which a database gets its name, and what others then still hold."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from pg_archive import process
from tests.modules.conftest import wait_for
from tests.modules.operator import psql
from tests.modules.test_postgres import TABLE, postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.database.psql import Psql
    from pg_archive.deadline import Deadline
    from pg_archive.postgres import Postgres

__all__ = ["postgres", "psql"]


@contextmanager
def held(psql: Psql, database: str) -> Iterator[None]:
    """Keep a superuser's session in a database, as an exporter does that connects to all there are."""
    session = subprocess.Popen(["psql", "-X", "-q", "-d", database], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert session.stdin is not None
        session.stdin.write(b"SELECT 1 \\g /dev/null\n")
        session.stdin.flush()
        there = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}'"
        wait_for(lambda: psql.run(there) == "1\n")
        yield
    finally:
        session.communicate(timeout=20)


@pytest.mark.parametrize("replace", [False, True])
def test_a_session_in_the_temporary_database_costs_no_restore(psql: Psql, postgres: Postgres, replace: bool) -> None:
    like, aside = ("db1", "db1_until") if replace else (None, None)
    if replace:
        psql.create("db1", like="postgres")
    with postgres.temporary(like=like, encoding="UTF8", owner=None) as temporary:
        postgres.load(temporary, TABLE)
        with held(psql, temporary):
            postgres.publish(temporary, "db1", like=like, aside=aside)
    assert psql.run("SELECT count(*) FROM t", "db1") == "3\n"


def test_a_checkpoint_of_minutes_is_waited_for(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy server makes and drops a database no sooner."""
    waits: list[float] = []
    run, drop = process.run, subprocess.run

    def watched(*arguments: Any, deadline: Deadline, message: bytes, **others: Any) -> process.Finished:
        if b"CREATE DATABASE" in message:
            waits.append(deadline.left)
        return run(*arguments, deadline=deadline, message=message, **others)

    def dropped(*arguments: Any, timeout: float, **others: Any) -> Any:
        waits.append(timeout)
        return drop(*arguments, timeout=timeout, **others)

    monkeypatch.setattr(process, "run", watched)
    monkeypatch.setattr(subprocess, "run", dropped)
    with postgres.temporary(like=None, encoding="UTF8", owner=None):
        pass
    assert [round(seconds, -2) for seconds in waits] == [600, 600]


def test_the_slots_that_stay_with_a_database_that_was_replaced(psql: Psql, postgres: Postgres) -> None:
    """Their subscribers come to the new one, and find none: WAL is kept for nobody."""
    psql.create("db1", like="postgres")
    psql.run("SELECT pg_create_logical_replication_slot('shop', 'pgoutput')", "db1")
    with postgres.temporary(like="db1", encoding="UTF8", owner=None) as temporary:
        postgres.publish(temporary, "db1", like="db1", aside="db1_until")
    assert postgres.slots("db1_until") == ["shop"]
    assert postgres.slots("db1") == []
