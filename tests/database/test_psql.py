"""Databases with any name are created, listed and dropped; psql's error is passed on in one line."""

from __future__ import annotations

import pytest

from harness.archive.errors import RestoreFailed
from harness.archive.restore import restored
from harness.database.psql import DatabaseError, LimitMet, Psql
from harness.host.deadline import Deadline
from tests.database.fixtures import created


@pytest.mark.parametrize("name", ["plain", "a b", "-X", "dbname=postgres", "postgresql://x", "o'Brien\\", 'ä"b"', "%s"])
def test_any_name(psql: Psql, name: str) -> None:
    with created(psql, name):
        assert name in psql.databases()
        assert psql.run("SELECT current_database()", name) == f"{name}\n"
    assert name not in psql.databases()


def test_templates_are_not_listed(psql: Psql) -> None:
    assert "postgres" in psql.databases()
    assert not {"template0", "template1"} & set(psql.databases())


def test_the_first_error_and_its_line(psql: Psql) -> None:
    with pytest.raises(DatabaseError, match=r'^line 2: ERROR:  relation "nothing" does not exist$'):
        psql.run("DO $$ BEGIN RAISE WARNING 'ERROR: not this'; END $$;\nSELECT * FROM nothing;\nSELECT 1/0;")


def test_nothing_after_the_first_error_is_run(psql: Psql) -> None:
    with created(psql, "half") as name:
        with pytest.raises(DatabaseError):
            psql.run("CREATE TABLE before (); SELECT 1/0; CREATE TABLE after ();", name)
        assert psql.run("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace", name) == "before\n"


def test_no_such_database(psql: Psql) -> None:
    with pytest.raises(DatabaseError, match='database "nowhere" does not exist'):
        psql.run("SELECT", "nowhere")
    with pytest.raises(DatabaseError, match="no database nowhere"):
        psql.create("new", like="nowhere")


def test_a_database_that_is_there_already(psql: Psql) -> None:
    with created(psql, "twice"), pytest.raises(DatabaseError, match='database "twice" already exists'):
        psql.create("twice", like="postgres")


def test_no_such_program(psql: Psql) -> None:
    with pytest.raises(DatabaseError, match=r"/nowhere/psql.*No such file"):
        Psql(psql.shell, program="/nowhere/psql").run("SELECT")


def test_dropping_does_not_wait_for_those_who_are_connected(psql: Psql) -> None:
    psql.create("busy", like="postgres")
    connected = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'busy'"
    psql.shell.run("psql -X -d busy -c 'SELECT pg_sleep(60)' < /dev/null > /dev/null 2>&1 &")
    deadline = Deadline(20)
    while psql.run(connected) != "1\n":
        assert not deadline.passed
    psql.drop("busy")
    assert "busy" not in psql.databases()


def test_dropping_what_is_not_there(psql: Psql) -> None:
    psql.drop("never was")


def test_a_deadline_names_its_option(psql: Psql) -> None:
    short = Psql(psql.shell, limit=1)
    with pytest.raises(LimitMet, match=r"killed after 1 s.*; --gate-timeout SECONDS allows more than the present 1$"):
        short.run("SELECT pg_sleep(30)", timeout=short.limit)


def test_a_deadline_that_no_option_moves_names_none(psql: Psql) -> None:
    with pytest.raises(LimitMet, match="killed after 1 s") as raised:
        psql.run("SELECT pg_sleep(30)", timeout=1)
    assert "--gate-timeout" not in str(raised.value)


@pytest.mark.parametrize(
    ("message", "option"),
    [("could not extend file: No space left on device", "--gate-disk GIB"), ("out of memory", "--gate-memory MIB")],
)
def test_a_machine_that_is_too_small_is_no_verdict(psql: Psql, message: str, option: str) -> None:
    """A dump that does not restore for want of disk is no lost backup."""
    dump = f"DO $$ BEGIN RAISE EXCEPTION '{message}'; END $$;".encode()
    with pytest.raises(LimitMet, match=f"{message}; .*{option}"), restored(psql, dump, like="postgres"):
        pytest.fail("it restored")


def test_a_row_that_reads_like_a_limit_is_a_verdict(psql: Psql) -> None:
    dump = b"CREATE TABLE t (a integer);\nCOPY t FROM stdin;\nout of memory\n\\.\n"
    with pytest.raises(RestoreFailed, match="invalid input syntax"), restored(psql, dump, like="postgres"):
        pytest.fail("it restored")


def test_a_server_that_went_away_is_no_verdict(psql: Psql) -> None:
    dump = b"SELECT pg_terminate_backend(pg_backend_pid());"
    with pytest.raises(LimitMet, match="--gate-memory MIB"), restored(psql, dump, like="postgres"):
        pytest.fail("it restored")
