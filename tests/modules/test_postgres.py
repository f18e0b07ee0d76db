"""What the program asks of a PostgreSQL server: as whom, what a database gets that is made, replaced or counted."""

from __future__ import annotations

import os
import pwd
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from pg_archive import ownership
from pg_archive.errors import DatabaseError
from pg_archive.postgres import Postgres, _failed
from pg_archive.process import Finished
from tests.database.cluster import LocalShell
from tests.database.fixtures import psql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.database.psql import Psql

__all__ = ["psql"]

TABLE = [b"BEGIN;\nCREATE TABLE public.t AS SELECT generate_series(1, 3) AS a;\nCOMMIT;\n"]


@pytest.fixture
def postgres(psql: Psql, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postgres]:
    """As the program reaches a server, here as the superuser ``postgres``."""
    shell = psql.shell
    assert isinstance(shell, LocalShell)
    monkeypatch.setenv("PATH", f"{shell.programs}:{os.environ['PATH']}")
    monkeypatch.setenv("PGHOST", str(shell.socket))
    monkeypatch.setenv("PGUSER", "postgres")
    yield Postgres()
    for name in set(psql.databases()) - {"postgres", "hard"}:
        psql.drop(name)


@contextmanager
def role(psql: Psql, name: str, options: str = "LOGIN CREATEDB") -> Iterator[str]:
    psql.run(f"CREATE ROLE {name} {options}")
    try:
        yield name
    finally:
        for database in set(psql.databases()) - {"postgres", "hard"}:
            psql.drop(database)
        psql.run(f"DROP ROLE {name}; DROP ROLE IF EXISTS app")


def restored(postgres: Postgres, name: str, *, replace: bool = False) -> None:
    """Restore :data:`TABLE` as `pg-archive restore` does."""
    like, aside = (name, f"{name}_until") if replace else (None, None)
    with postgres.temporary(like=like, encoding="UTF8", owner=None) as temporary:
        postgres.load(temporary, TABLE)
        assert postgres.rows(temporary, ["public.t"]) == {"public.t": 3}
        postgres.publish(temporary, name, like=like, aside=aside)


def test_a_role_that_may_only_make_databases(psql: Psql, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a managed PostgreSQL gives one: it may not choose the messages' language."""
    with role(psql, "maker") as maker:
        monkeypatch.setenv("PGUSER", maker)
        postgres.check_restricted()
        restored(postgres, "db1")
        restored(postgres, "db1", replace=True)
        assert set(postgres.databases()) >= {"db1", "db1_until"}
        psql.run("CREATE ROLE app; GRANT app TO maker")
        with postgres.temporary(like=None, encoding="UTF8", owner="app") as temporary:
            postgres.load(temporary, [b"SET ROLE app;", *TABLE])
            postgres.publish(temporary, "of_app", like="db1", aside=None)
        restored(postgres, "of_app", replace=True)
        with (
            pytest.raises(DatabaseError, match="line 2: ERROR:  division by zero"),
            postgres.temporary(like=None, encoding="UTF8", owner=None) as temporary,
        ):
            postgres.load(temporary, [b"BEGIN;\n\nSELECT 1 / 0;\n"])


def test_messages_are_english_where_that_may_be_chosen(psql: Psql, postgres: Postgres) -> None:
    psql.run("ALTER ROLE postgres SET lc_messages = 'C.UTF-8'")
    try:
        assert postgres.select("SHOW lc_messages") == "C"
    finally:
        psql.run("ALTER ROLE postgres RESET lc_messages")


@pytest.mark.parametrize(("said", "version"), [("150000", 15), ("160003", 16), ("190000", 19)])
def test_the_servers_version(monkeypatch: pytest.MonkeyPatch, said: str, version: int) -> None:
    monkeypatch.setattr(Postgres, "select", lambda *_: said)
    assert Postgres().version() == version


def test_an_error_in_the_servers_language() -> None:
    """Which a role that is no superuser cannot change."""
    said = ("psql:<stdin>:7: FEHLER:  Division durch Null", "DETAIL:  a row", "psql:<stdin>:8: WARNING:  of no weight")
    with pytest.raises(DatabaseError) as failed:
        _failed("restore", Finished(3, b"", said), first_line=2)
    assert failed.value.cause == "line 5: FEHLER:  Division durch Null"


def test_no_password_is_asked_for(psql: Psql, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """Psql would take the first line of SQL for it."""
    file = Path(psql.run("SHOW hba_file").strip())
    rules = file.read_text()
    with role(psql, "secretive"):
        file.write_text("local all secretive scram-sha-256\n" + rules)
        psql.run("ALTER ROLE secretive PASSWORD 'secret'; SELECT pg_reload_conf()")
        try:
            monkeypatch.setenv("PGUSER", "secretive")
            with pytest.raises(DatabaseError, match="no password supplied"):
                postgres.databases()
        finally:
            file.write_text(rules)
            psql.run("SELECT pg_reload_conf()")


def test_the_database_that_all_others_are_made_from_can_be_replaced(psql: Psql, postgres: Postgres) -> None:
    try:
        restored(postgres, "postgres", replace=True)
        assert psql.run("SELECT count(*) FROM t") == "3\n"
    finally:
        if "postgres_until" in psql.databases():
            psql.run("DROP DATABASE postgres WITH (FORCE)", "template1")
            psql.run("ALTER DATABASE postgres_until RENAME TO postgres", "template1")


def test_too_many_tables_for_one_transaction(postgres: Postgres) -> None:
    with (
        pytest.raises(DatabaseError, match=r"out of shared memory; raise max_locks_per_transaction .* to 1024"),
        postgres.temporary(like=None, encoding="UTF8", owner=None) as temporary,
    ):
        postgres.load(temporary, [b"DO $$BEGIN RAISE 'out of shared memory' USING ERRCODE = 'out_of_memory'; END$$;\n"])


def test_what_replaces_a_database_lies_in_its_tablespace(psql: Psql, postgres: Postgres) -> None:
    psql.run("SET allow_in_place_tablespaces = on; CREATE TABLESPACE large LOCATION ''")
    try:
        psql.run("CREATE DATABASE db1 TABLESPACE large")
        restored(postgres, "db1", replace=True)
        places = (
            "SELECT datname FROM pg_database d JOIN pg_tablespace t ON t.oid = dattablespace WHERE spcname = 'large'"
        )
        assert set(psql.run(places).split()) == {"db1", "db1_until"}
    finally:
        for name in ("db1", "db1_until"):
            psql.drop(name)
        psql.run("DROP TABLESPACE large")


def test_a_locale_of_libc_where_the_servers_is_of_icu(psql: Psql, postgres: Postgres) -> None:
    """What a statement does not say is as in template0."""
    psql.create("db1", like="postgres")
    of_template = "UPDATE pg_database SET datlocprovider = '{}' WHERE datname = 'template0'"
    psql.run(of_template.format("i"))
    try:
        restored(postgres, "db1", replace=True)
        assert psql.run("SELECT datlocprovider FROM pg_database WHERE datname = 'db1'") == "c\n"
    finally:
        psql.run(of_template.format("c"))


def test_nobody_else_reads_a_database_before_it_has_its_name(psql: Psql, postgres: Postgres) -> None:
    with postgres.temporary(like=None, encoding="UTF8", owner=None) as temporary:
        assert not open_to_all(psql, temporary)
        postgres.publish(temporary, "db1", aside=None, like=None)
    assert open_to_all(psql, "db1")  # as every new one


def test_a_copy_beside_a_database_is_no_more_open_than_that(psql: Psql, postgres: Postgres) -> None:
    psql.create("db1", like="postgres")
    psql.run("REVOKE ALL ON DATABASE db1 FROM PUBLIC; ALTER DATABASE db1 SET default_transaction_read_only = on")
    with postgres.temporary(like=None, encoding="UTF8", owner=None) as temporary:
        postgres.publish(temporary, "db1_yesterday", aside=None, like="db1")
    assert not open_to_all(psql, "db1_yesterday")
    assert psql.run("SHOW default_transaction_read_only", "db1_yesterday") == "off\n"


def open_to_all(psql: Psql, database: str) -> bool:
    """Whether every role may connect to it."""
    found = f"""
        SELECT bool_or(grantee = 0 AND privilege_type = 'CONNECT')
        FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) WHERE datname = '{database}'
    """
    return psql.run(found) == "t\n"


def test_an_encoding_that_the_servers_locale_does_not_go_with(postgres: Postgres) -> None:
    """As on a blank machine, where there is no database to be like."""
    table = "SET client_encoding = 'LATIN1';\nCREATE TABLE public.\"tä\" AS SELECT 1 AS a;\n".encode("latin-1")
    with postgres.temporary(like=None, encoding="LATIN1", owner=None) as temporary:
        assert postgres.select("SELECT getdatabaseencoding()", temporary) == "LATIN1"
        postgres.load(temporary, [table])
        assert postgres.rows(temporary, ['public."tä"']) == {'public."tä"': 1}


@pytest.mark.parametrize(
    ("cause", "fails", "asked"),
    [
        ("database x is being accessed by other users", 1, 2),
        ("database x is being accessed by other users", 99, 5),
        ("disk full", 1, 1),
    ],
)
def test_only_a_client_that_came_back_is_sent_away_once_more(
    monkeypatch: pytest.MonkeyPatch, cause: str, fails: int, asked: int
) -> None:
    """But not without end: then the database is not replaced, and that is an error."""
    said: list[str] = []

    def select(_: Postgres, sql: str, database: str) -> str:
        said.append(sql)
        if len(said) <= fails:
            raise DatabaseError("restore", cause)
        return ""

    monkeypatch.setattr(Postgres, "select", select)
    with nullcontext() if asked > fails else pytest.raises(DatabaseError, match=cause):
        Postgres().publish("temporary", "x", like="x", aside="x_until")
    assert len(said) == asked


def test_a_database_that_cannot_be_dropped_is_told(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PGHOST", "/nonexistent")
    postgres = Postgres()
    postgres._drop("left")
    (said,) = capfd.readouterr().err.splitlines()
    assert "database left could not be dropped: connection to server" in said
    assert "is it running, and may this user connect?" in said
    assert said.endswith("the next restore or verify here tries it, too")
    assert postgres.left == ["left"]


@pytest.fixture
def slot(psql: Psql) -> Iterator[str]:
    """A slot that a subscription of production has at its publisher."""
    psql.run("SELECT pg_create_logical_replication_slot('productions', 'pgoutput')")
    yield "productions"
    psql.run("SELECT pg_drop_replication_slot('productions')")


SUBSCRIBED = b"""
CREATE SUBSCRIPTION "The sub's" CONNECTION '%b' PUBLICATION p WITH (connect = false, slot_name = 'productions');
CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not here'; END $$;
CREATE EVENT TRIGGER no ON ddl_command_start EXECUTE FUNCTION no();
"""


@pytest.mark.parametrize("abandoned", [False, True])
def test_a_subscription_keeps_no_temporary_database(
    psql: Psql, postgres: Postgres, slot: str, monkeypatch: pytest.MonkeyPatch, abandoned: bool
) -> None:
    """Nor does it go with the slot, which is production's: here, the publisher can be reached."""
    script = SUBSCRIBED % f"host={os.environ['PGHOST']} user=postgres dbname=postgres".encode()
    with monkeypatch.context() as killed:
        if abandoned:  # as if the process were killed in its midst
            killed.setattr(postgres, "_drop", lambda _: None)
        with postgres.temporary(like=None, encoding="UTF8", owner=None) as temporary:
            postgres.load(temporary, [script])
    assert (temporary in psql.databases()) == abandoned
    monkeypatch.setattr(ownership, "_runs", lambda _: False)
    postgres._drop_abandoned()
    assert temporary not in psql.databases()
    assert psql.run("SELECT slot_name FROM pg_replication_slots") == f"{slot}\n"
    assert postgres.left == []


@pytest.mark.parametrize("told", ["", "PGHOST", "PGSERVICE", "PGUSER"])
def test_root_becomes_postgres_unless_it_is_told_whom_to_connect_as(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", lambda name: SimpleNamespace(pw_dir=f"/home/of/{name}"))
    for variable in ("PGHOST", "PGSERVICE", "PGUSER"):
        monkeypatch.delenv(variable, raising=False)
    if told:
        monkeypatch.setenv(told, "x")
    postgres = Postgres()
    assert (postgres._user, postgres._environment.get("HOME")) == (
        (None, None) if told else ("postgres", "/home/of/postgres")
    )


@pytest.mark.parametrize("told", ["", "PGHOST", "PGPORT", "PGSERVICE"])
def test_the_port_is_the_servers_unless_the_environment_says_where(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    for variable in ("PGHOST", "PGPORT", "PGSERVICE"):
        monkeypatch.delenv(variable, raising=False)
    if told:
        monkeypatch.setenv(told, "x")
    assert Postgres(5433)._environment.get("PGPORT") == (None if told else "5433")
    assert "PGPORT" not in Postgres()._environment


def test_the_line_of_a_statement_that_fails(psql: Psql, postgres: Postgres) -> None:
    """psql counts a line of ours, too."""
    with pytest.raises(DatabaseError, match="line 2: ERROR:  division by zero"):
        postgres.select("SELECT 1;\nSELECT 1 / 0;")
