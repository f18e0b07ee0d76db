"""``pg-archive verify``: each target's newest archive restores, or it is red and says why."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from harness.database.fingerprint import fingerprint
from pg_archive import openpgp
from tests.database.dumping import dump
from tests.database.fixtures import hard
from tests.modules.operator import SQL, Operator, kind, operator, psql

__all__ = ["hard", "kind", "operator", "psql"]

A, B = "archive-target-database-backblaze", "archive-target-database-wasabi"


def test_what_run_archives_is_proven_in_each_target(operator: Operator, hard: str) -> None:
    before = fingerprint(operator.psql, hard)
    assert operator.site.backup(dump(operator.psql, hard)).green
    result = operator.command("verify", "db1", "--max-age=1h")
    assert result.green, result
    assert f"target {A}: db1_" in result.stdout
    assert f"has the bytes that were restored from {A}." in result.stdout
    assert operator.databases() == set()
    assert before.digest == fingerprint(operator.psql, hard).digest


def test_one_damaged_target_is_red_and_the_other_proven(operator: Operator) -> None:
    name = operator.put_everywhere()
    operator.damage(operator.site.pair.a, name)
    result = operator.command("verify", "db1")
    assert result.status == 6
    assert f"target {A} (archive-backblaze:bucket1/databases): download {name}: other bytes arrived" in result.stderr
    assert "1 of 2 targets failed: archive-target-database-backblaze" in result.stderr
    assert f"target {B}: {name}" in result.stdout
    assert "restores, with 20 rows in 1 tables as archived" in result.stdout


def test_one_that_does_not_fit_on_this_disk_hides_no_other(operator: Operator) -> None:
    operator.put(operator.site.pair.a, dump=openpgp.Digest(10**18, "0" * 64))
    operator.put(operator.site.pair.b)
    result = operator.command("verify", "db1")
    assert result.status == 6
    assert re.search(rf"target {A}: disk space: .* bytes free", result.stderr), result
    assert f"target {B}: db1_" in result.stdout


def test_rows_that_do_not_arrive(operator: Operator) -> None:
    operator.put(operator.site.pair.a, rows={"public.t": 21})
    result = operator.command("verify", "db1", f"--target={A}")
    assert result.status == 6
    assert "public.t has 20 rows when restored, and 21 in the dump" in result.stderr


def test_sql_that_fails(operator: Operator) -> None:
    operator.put_everywhere(sql=SQL.replace(b"CREATE TABLE public.t (a integer, b text);", b""))
    result = operator.command("verify", "db1")
    assert result.status == 6
    assert result.stderr.count("does not exist") == 2  # no target is spared
    assert operator.databases() == set()


def test_the_newest_is_too_old(operator: Operator) -> None:
    hours = int((datetime.now(UTC) - datetime(2026, 11, 22, 12, tzinfo=UTC)).total_seconds() // 3600)
    operator.put_everywhere(hours - 3)
    assert operator.command("verify", "db1", "--max-age=5h").green
    result = operator.command("verify", "db1", "--max-age=2h")
    assert result.status == 6
    assert "h old, more than 2 h" in result.stderr
    assert operator.command("verify", "db1", "--max-age=soon").status == 2


def test_a_subscription_in_the_dump_leaves_no_database(operator: Operator) -> None:
    """As pg_dump writes one; the fixture looks for what stays."""
    subscription = b"""
CREATE SUBSCRIPTION sub CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p WITH (connect = false, slot_name = 'sub');
"""
    operator.put_everywhere(sql=SQL + subscription)
    result = operator.command("verify", "db1")
    assert result.green, result
    assert result.stderr == ""
    assert operator.databases() == set()


def test_a_database_that_cannot_be_dropped(operator: Operator) -> None:
    template = b"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I IS_TEMPLATE true', current_database()); END $$;\n"
    operator.put_everywhere(sql=SQL + template)
    result = operator.command("verify", "db1")
    found = operator.psql.run("SELECT datname FROM pg_database WHERE datname LIKE 'pg_archive_%'").split()
    for name in found:
        operator.psql.run(f"ALTER DATABASE {name} IS_TEMPLATE false; DROP DATABASE {name}")
    (left,) = found  # what the second target has is not restored again
    assert result.status == 10, result
    assert f"database {left} could not be dropped: line" in result.stderr
    assert "cannot drop a template database; drop it by hand" in result.stderr
    assert f"verify: it could not drop {left}" in result.stderr


def test_a_target_without_archives(operator: Operator) -> None:
    operator.put(operator.site.pair.a)
    result = operator.command("verify", "db1")
    assert result.status == 6
    assert ": verify: it has no archive of db1" in result.stderr


def test_a_table_that_its_extension_fills(operator: Operator) -> None:
    """As PostGIS does with spatial_ref_sys: a dump has only the rows that somebody added."""
    extension = b"""
CREATE EXTENSION hstore;
CREATE TABLE public.srs (a integer);
INSERT INTO public.srs VALUES (1), (2), (3);
ALTER EXTENSION hstore ADD TABLE public.srs;
"""
    sql = SQL.replace(b"CREATE TABLE public.t ", extension + b"CREATE TABLE public.t ")
    operator.put(operator.site.pair.a, sql=sql, rows={"public.t": 20, "public.srs": 0})
    result = operator.command("verify", "db1", f"--target={A}")
    assert result.green, result
    assert "restores, with 20 rows in 2 tables as archived" in result.stdout
    operator.put(operator.site.pair.a, 1, sql=sql, rows={"public.t": 20, "public.srs": 4})
    result = operator.command("verify", "db1", f"--target={A}")
    assert "public.srs has 3 rows when restored, and 4 in the dump" in result.stderr


def test_inherited_and_partitioned_tables_count_their_own_rows(operator: Operator) -> None:
    operator.psql.create("source", like="postgres")
    operator.psql.run(
        """
        CREATE TABLE parent (a int); CREATE TABLE child () INHERITS (parent);
        INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2), (3);
        CREATE TABLE parts (a int) PARTITION BY RANGE (a); CREATE TABLE part PARTITION OF parts DEFAULT;
        INSERT INTO parts VALUES (1);
        CREATE TABLE "Odd ""name"" é" (a int); INSERT INTO "Odd ""name"" é" VALUES (1), (2);
        """,
        "source",
    )
    for options in ([], ["--load-via-partition-root"]):
        command = ["pg_dump", "--no-owner", *options, "source"]
        operator.put(operator.site.pair.a, len(options), sql=operator.psql.shell.run(command).stdout)
        result = operator.command("verify", "db1", f"--target={A}")
        assert result.green, result
        assert "with 6 rows in 4 tables" in result.stdout


def test_the_newest_is_of_the_future(operator: Operator) -> None:
    hours = int((datetime.now(UTC) - datetime(2026, 11, 22, 12, tzinfo=UTC)).total_seconds() // 3600)
    operator.put_everywhere(hours + 72)
    result = operator.command("verify", "db1", "--max-age=2h")
    assert result.status == 6, result
    assert "is dated in the future" in result.stderr


def test_a_target_that_is_only_read_from_may_be_old(operator: Operator) -> None:
    operator.put_everywhere()
    configuration = operator.site.directory / "rclone.conf"
    configuration.write_text(re.sub(rf"(?m)^(upstreams = .*{B}:)", r"\1:ro", configuration.read_text()))
    result = operator.command("verify", "db1", "--max-age=1h")
    assert f"1 of 2 targets failed: {A}" in result.stderr
