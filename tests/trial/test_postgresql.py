"""What scenarios do to PostgreSQL, on a server of this host."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from harness.database.psql import Psql
from harness.database.sources import Sources
from harness.errors import GateError
from harness.trial.errors import NotSeen
from harness.trial.postgresql import PostgreSql
from tests.database.cluster import LocalShell
from tests.database.fixtures import created, psql

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["psql"]


class Host:
    """This host as a machine."""

    def __init__(self, shell: LocalShell) -> None:
        self.run = shell.run
        self.boot_id = "never booted"
        self._prefix = ["env", f"PGHOST={shell.socket}", "PGUSER=postgres", f"PATH={shell.programs}:/usr/bin:/bin"]

    def start(
        self, command: Sequence[str], *, user: str | None = None, stdout: int = subprocess.DEVNULL
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*self._prefix, *command], stdout=stdout, stderr=subprocess.PIPE)


@pytest.fixture
def host(psql: Psql) -> Host:
    assert isinstance(psql.shell, LocalShell)
    return Host(psql.shell)


@pytest.fixture
def database(psql: Psql) -> Iterator[str]:
    with created(psql, "it's one = 1") as name:
        psql.run('CREATE TABLE "a b" (c int)', name)
        yield name


def server(host: Any, limit: float = Psql.limit) -> PostgreSql:
    return PostgreSql(host, user="postgres", sources=Sources(host, super_user="postgres"), limit=limit)


def dump(host: Host, database: str, *options: str, stdout: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    name = database.replace("'", r"\'")
    return host.start(["pg_dump", *options, "-d", f"dbname='{name}'"], stdout=stdout)


def test_what_users_change_is_read_again(host: Host, psql: Psql, database: str) -> None:
    postgresql = server(host)
    before = postgresql.sources.of(database)
    postgresql.change(database, 'INSERT INTO "a b" VALUES (1)')
    (difference,) = before.diff(postgresql.sources.of(database))
    assert str(difference) == 'table public."a b": 1 rows instead of 0'


def test_a_dump_waits_for_a_locked_table(host: Host, database: str) -> None:
    postgresql = server(host)
    with postgresql.locked(database):
        dumping = dump(host, database)
        postgresql.wait_until_blocked()
        assert dumping.poll() is None
    assert dumping.wait(timeout=60) == 0


def test_one_that_does_not_wait_for_ever_names_the_table(host: Host, database: str) -> None:
    with server(host).locked(database):
        dumping = dump(host, database, "--lock-wait-timeout=1s")
        said = dumping.communicate(timeout=60)[1].decode()
    assert dumping.returncode == 1
    assert "canceling statement due to statement timeout" in said
    assert 'LOCK TABLE public."a b" IN ACCESS SHARE MODE' in said


def test_nothing_is_locked_afterwards(host: Host, psql: Psql, database: str) -> None:
    with server(host).locked(database):
        pass
    assert psql.run('SET lock_timeout = 1; SELECT count(*) FROM "a b"', database) == "0\n"


def test_a_database_without_tables(host: Host) -> None:
    with pytest.raises(GateError, match="postgres has no table that could be locked"), server(host).locked("postgres"):
        pass


def test_a_dump_that_does_not_come(host: Host) -> None:
    postgresql = server(host, limit=1)
    with pytest.raises(NotSeen, match="no session that waits for a lock"):
        postgresql.wait_until_blocked()
    with pytest.raises(NotSeen, match="no dump of the slow table"):
        postgresql.wait_until_dumped()


@pytest.mark.parametrize("options", [(), ("--inserts",), ("--rows-per-insert=9",)])
def test_the_dump_of_a_slow_table_is_seen_and_ended(host: Host, database: str, options: tuple[str, ...]) -> None:
    postgresql = server(host)
    with postgresql.slow_to_dump(database):
        dumping = dump(host, database, *options, stdout=subprocess.PIPE)  # nobody reads yet: it waits in mid-table
        postgresql.wait_until_dumped()
        postgresql.end_dump()
        dumping.communicate(timeout=60)
    assert dumping.returncode == 1
