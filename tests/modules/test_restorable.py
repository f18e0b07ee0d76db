"""``pg-archive restore``: what this server, or the role, cannot take is said before the load, with what to do."""

from __future__ import annotations

import os
import pwd
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from pg_archive.commands import run
from pg_archive.errors import ConfigurationError
from pg_archive.postgres import _mend
from pg_archive.script import survey
from tests.modules.operator import SQL, Operator, kind, operator, psql

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["kind", "operator", "psql"]

END = b"--\n-- PostgreSQL database dump complete"


@pytest.fixture
def role(operator: Operator) -> Iterator[str]:
    """The application's."""
    operator.psql.run("CREATE ROLE app; CREATE ROLE other")
    yield "app"
    for name in operator.databases():
        operator.psql.drop(name)
    operator.psql.run("DROP ROLE app, other")


def test_default_privileges_that_the_role_may_not_change(operator: Operator, role: str) -> None:
    """Verification, which has no role, restores it."""
    default = b"ALTER DEFAULT PRIVILEGES FOR ROLE %b IN SCHEMA public GRANT SELECT ON TABLES TO app;\n"
    of_all = b"".join(default % each for each in (b"app", b"other", b"postgres"))
    operator.put_everywhere(sql=SQL.replace(END, of_all + END))
    assert operator.command("verify", "db1").green
    result = operator.command("restore", "db1", "--role=app")
    assert result.status == 10, result
    assert "changes the default privileges of other, postgres, which app may not" in result.stderr
    operator.psql.run("GRANT other TO app")
    assert "of postgres, which app may not" in operator.command("restore", "db1", "--role=app").stderr
    said = 'try again: ALTER ROLE "app" SUPERUSER; and after the restore: ALTER ROLE "app" NOSUPERUSER;'
    assert said in result.stderr
    operator.psql.run('ALTER ROLE "app" SUPERUSER')
    result = operator.command("restore", "db1", "--role=app")
    assert result.green, result


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE PUBLICATION p FOR ALL TABLES",
        "CREATE FUNCTION f() RETURNS void LANGUAGE c AS 'x', 'y'",
        "CREATE EXTENSION file_fdw",
        "ALTER TABLE public.t OWNER TO other",
    ],
)
def test_what_needs_a_superuser_and_not_the_role(operator: Operator, role: str, statement: str) -> None:
    operator.put_everywhere(sql=SQL.replace(END, f"{statement};\n".encode() + END))
    result = operator.command("restore", "db1", "--role=app")
    assert result.status == 10, result
    assert 'ALTER ROLE "app" SUPERUSER; and after the restore: ALTER ROLE "app" NOSUPERUSER;' in result.stderr
    assert operator.databases() == set()


def test_tablespaces_that_are_missing(operator: Operator) -> None:
    sql = b"SET default_tablespace = fast;\nSET default_tablespace = '';\nSET default_tablespace = \"The large\";\n"
    assert survey([sql]).tablespaces == {"fast", "The large"}
    operator.put_everywhere(sql=SQL.replace(b"CREATE TABLE", sql + b"CREATE TABLE", 1))
    result = operator.command("restore", "db1")
    assert result.status == 10, result
    statements = 'CREATE TABLESPACE "The large" LOCATION \'/DIRECTORY\'; CREATE TABLESPACE "fast" LOCATION'
    assert f"run in psql, each with a directory, then try again: {statements}" in result.stderr
    assert operator.databases() == set()


@pytest.mark.parametrize(("encoding", "fits"), [("SQL_ASCII", False), ("LATIN1", False), ("UTF8", True)])
def test_what_is_replaced_is_in_another_encoding(operator: Operator, encoding: str, fits: bool) -> None:
    """As where NixOS made it in a cluster of the locale C: PostgreSQL would take the bytes without looking."""
    operator.put_everywhere()
    operator.psql.run(f"CREATE DATABASE db1 TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'")
    result = operator.command("restore", "db1", "--replace")
    assert result.green == fits, result
    if not fits:
        assert f"--replace: the database db1 is in {encoding}, and the dump in UTF8" in result.stderr
        statement = "CREATE DATABASE \"db1\" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C';"
        assert statement in result.stderr
        operator.psql.drop("db1")
        operator.psql.run(statement)
        assert operator.command("restore", "db1", "--replace").green


def test_slots_that_stay_behind_are_said(operator: Operator) -> None:
    operator.put_everywhere()
    operator.psql.create("db1", like="postgres")
    operator.psql.run("SELECT pg_create_logical_replication_slot('shop', 'pgoutput')", "db1")
    result = operator.command("restore", "db1", "--replace")
    assert result.green, result
    assert "replication slots: shop stayed with db1_until_" in result.stderr


def test_an_extension_that_belongs_into_one_database() -> None:
    said = 'ERROR:  can only create extension in database "db1"'
    assert _mend(said) == "this cannot be restored under another name; docs/restore.md says how, with --to FILE"


@pytest.mark.parametrize(("user", "refused"), [("postgres", True), ("root", False)])
def test_root_does_not_run_in_the_units_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: str, refused: bool
) -> None:
    """Its lock, and what it puts into the spool, would be root's, and the unit red from then on."""
    dump: Any = SimpleNamespace(stat=lambda: SimpleNamespace(st_uid=0 if user == "root" else 70), parent=tmp_path)
    database: Any = SimpleNamespace(name="db1", dump=dump)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwuid", lambda _: SimpleNamespace(pw_name=user))
    configuration: Any = SimpleNamespace(database=lambda _: database)
    begun: list[str] = []
    monkeypatch.setattr(run, "_archive", lambda *_: begun.append("archive"))
    monkeypatch.setattr(run, "report", lambda *_: begun.append("report"))
    arguments: Any = SimpleNamespace(database="db1", since=None)
    if refused:
        with pytest.raises(ConfigurationError, match=r"start its unit instead, .* runuser -u postgres --"):
            run.main(configuration, arguments)
        assert not begun
    else:
        run.main(configuration, arguments)
        assert begun == ["archive", "report"]
