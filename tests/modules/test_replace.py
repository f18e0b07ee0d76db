"""``pg-archive restore --replace`` where the database that is there cannot be renamed: the load is not lost."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from pg_archive.commands import restore
from pg_archive.errors import DatabaseError, DeadlinePassed, PgArchiveError
from pg_archive.postgres import Postgres
from tests.modules.conftest import wait_for
from tests.modules.operator import SQL, Operator, kind, operator, psql

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["kind", "operator", "psql"]

PREPARE = "BEGIN; CREATE TABLE {table} (); PREPARE TRANSACTION 'half';"
# What is loaded last: it ends when a transaction is prepared.
UNTIL_PREPARED = b"""DO $$ BEGIN
WHILE NOT EXISTS (SELECT FROM pg_prepared_xacts) LOOP PERFORM pg_sleep(0.05); END LOOP; END $$;

"""


@pytest.fixture
def mine(operator: Operator) -> Operator:
    """A database with a setting of its own and a table that is not archived."""
    operator.psql.create("db1", like="postgres")
    operator.psql.run("CREATE TABLE mine ()", "db1")
    operator.psql.run("ALTER DATABASE db1 SET work_mem = 99")
    return operator


def open_to_all(operator: Operator, database: str) -> bool:
    """Whether every role may connect to it."""
    found = "SELECT coalesce(datacl::text LIKE '%{=Tc/%' OR datacl::text LIKE '%,=Tc/%', true) FROM pg_database"
    return operator.psql.run(f"{found} WHERE datname = '{database}'") == "t\n"


@contextmanager
def rolled_back(operator: Operator) -> Iterator[None]:
    try:
        yield
    finally:
        operator.psql.run("ROLLBACK PREPARED 'half'", "db1")


def test_a_prepared_transaction_is_refused_before_the_download(mine: Operator) -> None:
    mine.put_everywhere()
    mine.psql.run(PREPARE.format(table="half"), "db1")
    with rolled_back(mine):
        result = mine.command("restore", "db1", "--replace")
    assert result.status == 10, result
    assert "the database db1 has prepared transactions, which keep it from being renamed" in result.stderr
    assert "end what pg_prepared_xacts has of it, and try again" in result.stderr
    assert "authenticated" not in result.stdout
    assert mine.databases() == {"db1"}


def test_what_is_loaded_outlives_a_renaming_that_fails(mine: Operator) -> None:
    """Here by a transaction that is prepared while it loads."""
    mine.psql.run("REVOKE ALL ON DATABASE db1 FROM PUBLIC")
    end = b"--\n-- PostgreSQL database dump complete"
    mine.put_everywhere(sql=SQL.replace(end, UNTIL_PREPARED + end))
    loading = mine.site.start("restore", "db1", "--replace")
    loaded = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO %pg_prepared_xacts%'"
    wait_for(lambda: mine.psql.run(loaded) == "1\n")
    mine.psql.run(PREPARE.format(table="half"), "db1")
    with rolled_back(mine):
        stdout, stderr = loading.communicate(timeout=120)
    assert loading.returncode == 10, stderr
    (kept,) = mine.databases() - {"db1"}
    assert re.fullmatch(r"db1_restored_\d{8}T\d{6}Z", kept)
    assert "end what pg_prepared_xacts has of it" in stderr
    assert f"what was restored is whole, and kept as {kept}: do not restore again" in stderr
    assert "try again" not in stderr
    assert mine.count(kept) == 20
    assert mine.count("db1", "mine") == 0
    by_hand = [line for line in stdout.splitlines() if "RENAME" in line]
    assert len(by_hand) == 2
    for line in by_hand:
        mine.psql.run(line)
    assert mine.count("db1") == 20
    assert len(mine.databases()) == 2
    assert mine.psql.run("SHOW work_mem", "db1") == "99kB\n"
    assert not open_to_all(mine, "db1")


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("error", [DatabaseError("PostgreSQL", "no right"), DeadlinePassed("PostgreSQL", "too late")])
def test_what_a_failed_renaming_leaves(
    mine: Operator, monkeypatch: pytest.MonkeyPatch, number: int, error: PgArchiveError
) -> None:
    """One that fails at the rights of the present database, too, is kept without; if all fails, nothing is."""
    for name in ("PATH", "PGHOST", "PGUSER"):
        monkeypatch.setenv(name, mine.site.environment[name])
    select = Postgres.select
    failed: list[str] = []

    def failing(postgres: Postgres, sql: str, *more: object, **named: object) -> str:
        if "RENAME TO" in sql and len(failed) < number:
            failed.append(sql)
            raise error
        return select(postgres, sql, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Postgres, "select", failing)
    postgres = Postgres()
    with postgres.temporary(like="db1", encoding="UTF8", owner=None) as temporary:
        postgres.load(temporary, [b"CREATE TABLE public.t AS SELECT 1 AS a;\n"])
        with pytest.raises(type(error), match=error.cause) as raised:
            restore.publish(postgres, temporary, "db1", like="db1", aside="db1_until")
    kept = mine.databases() - {"db1"}
    assert len(kept) == (number < 3)
    assert mine.count("db1", "mine") == 0
    for name in kept:
        assert name in str(raised.value)
        assert mine.count(name) == 1
        assert (mine.psql.run("SHOW work_mem", name) == "99kB\n") == (number == 1)
        assert open_to_all(mine, name) == (number == 1)
        assert ("only its owner may connect" in str(raised.value)) == (number == 2)
