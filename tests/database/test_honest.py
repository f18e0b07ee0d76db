"""Dumps that lose nothing, of databases that once counted as lost; and a change that once went unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.archive.restore import restored
from harness.database.fingerprint import fingerprint
from tests.database.dumping import dump
from tests.database.fixtures import created
from tests.database.judged import ROLES

if TYPE_CHECKING:
    from harness.database.psql import Psql

HONEST = [
    "CREATE EXTENSION intarray",
    "CREATE TABLE t (a integer); CREATE VIEW v WITH (check_option = local, security_barrier) AS SELECT a FROM t",
    "CREATE SUBSCRIPTION s CONNECTION 'dbname=postgres' PUBLICATION p WITH (connect = false)",
    "ALTER SCHEMA public RENAME TO elsewhere",
    "COMMENT ON SCHEMA public IS 'x'",
    "COMMENT ON SCHEMA public IS NULL",
    "DROP EXTENSION plpgsql",
    "DROP EXTENSION plpgsql; CREATE EXTENSION plpgsql",
    "CREATE FUNCTION f() RETURNS text BEGIN ATOMIC SELECT 'a'; END",
    "CREATE VIEW v AS SELECT 1 AS a WHERE EXISTS (SELECT 'a', -1)",
    "CREATE TYPE r AS RANGE (SUBTYPE = text); ALTER TYPE r RENAME TO s",
    "CREATE TYPE e AS ENUM ('a'); CREATE DOMAIN d AS e DEFAULT 'a'",
    "CREATE TABLE t (a integer GENERATED ALWAYS AS IDENTITY); CREATE TABLE u (LIKE t INCLUDING IDENTITY)",
    "CREATE TABLE t (a integer); ALTER TABLE t OWNER TO gate_writer; GRANT SELECT (a) ON t TO postgres",
    (
        "CREATE TABLE t (a integer); ALTER TABLE t OWNER TO gate_writer; GRANT SELECT ON t TO gate_reader "
        "WITH GRANT OPTION; SET ROLE gate_reader; GRANT SELECT ON t TO postgres"
    ),
]


@pytest.mark.parametrize("sql", HONEST)
def test_an_honest_dump_counts_as_one(psql: Psql, sql: str) -> None:
    psql.run(ROLES)
    with created(psql, "honest") as source:
        psql.run(sql, source)
        before = fingerprint(psql, source)
        with restored(psql, dump(psql, source), like=source) as back:
            assert list(map(str, before.diff(fingerprint(psql, back)))) == []


def test_a_cast_of_the_users_does_not_hide_a_row(psql: Psql) -> None:
    with created(psql, "cast") as source:
        psql.run(
            "CREATE TABLE t (a integer); INSERT INTO t VALUES (1);"
            "CREATE FUNCTION same(t) RETURNS text LANGUAGE sql AS $$SELECT 'x'$$;"
            "CREATE CAST (t AS text) WITH FUNCTION same(t)",
            source,
        )
        before = fingerprint(psql, source)
        psql.run("UPDATE t SET a = 2", source)
        found = before.diff(fingerprint(psql, source))
    assert list(map(str, found)) == ["table public.t: same number of rows, but different ones"]
