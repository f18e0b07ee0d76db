"""A module's own restore is judged three ways, each of which sees what the others do not."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from harness.database.fingerprint import fingerprint
from harness.database.psql import Psql
from harness.host.workspace import Workspace
from harness.trial import places
from harness.trial.elsewhere import Elsewhere, Restored
from harness.trial.findings import Findings
from tests.database.cluster import Cluster
from tests.database.fixtures import created, psql

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["psql"]

SOURCE = "CREATE TABLE t (a integer PRIMARY KEY, b text); INSERT INTO t SELECT n, n::text FROM generate_series(1, 50) n"
RESTORE = 'createdb "$2" && pg_dump shop | psql -X -q -v ON_ERROR_STOP=1 "$2"'


@dataclass
class Bench:
    psql: Psql
    directory: Path
    run: Any

    def elsewhere(self, script: str = RESTORE, on: Psql | None = None) -> Elsewhere:
        """The same server as another machine, or another one, where a restore is that script."""
        program = self.directory / "restore"
        program.write_text(f'#!/bin/bash\nset -eu\nprintf "%s\\n" "$@" > {self.directory}/arguments\n{script}\n')
        program.chmod(0o755)
        archives = {"shop": SimpleNamespace(retrieve=None)}
        stores = {"a": None, "b": None}
        site: Any = SimpleNamespace(restore=str(program), stores=stores, rclone_remote="all", archives=archives)
        shell: Any = (on or self.psql).shell
        return Elsewhere(shell, site=site, source=self.psql, findings=Findings())

    def restored(self, spoil: str = "", script: str = RESTORE) -> tuple[Restored, list[str]]:
        elsewhere = self.elsewhere(script)
        restored = elsewhere.restore("shop")
        assert restored.succeeded, restored.said
        try:
            if spoil:
                self.psql.run(spoil, restored.into)
            return restored, elsewhere.differences(self.run, restored)
        finally:
            self.psql.drop(restored.into)


@pytest.fixture
def bench(psql: Psql, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(places, "_USUAL", (f"{tmp_path}/tmp",))
    monkeypatch.setattr(places, "_EVERYWHERE", (str(tmp_path),))
    (tmp_path / "tmp").mkdir()
    with created(psql, "shop") as database:
        psql.run(SOURCE, database)
        observed = SimpleNamespace(source=fingerprint(psql, database))
        yield Bench(psql, tmp_path, SimpleNamespace(database=database, observed=observed))


def test_a_good_one(bench: Bench) -> None:
    restored, differences = bench.restored()
    assert differences == []
    assert (restored.database, restored.into) == ("shop", "shop_1")


def test_what_the_program_is_told(bench: Bench) -> None:
    elsewhere = bench.elsewhere("exit 1")
    elsewhere.restore("shop", only="b", or_older=True)
    told = (bench.directory / "arguments").read_text().splitlines()
    assert told[:4] == ["shop", "shop_1", "/root/restore/rclone.conf", "archive-target-database-b"]
    assert told[4:] == ["/root/restore/shop", "--or-older"]
    elsewhere.restore("shop")
    assert (bench.directory / "arguments").read_text().splitlines()[1:4:2] == ["shop_2", "all"]


def test_one_that_fails(bench: Bench) -> None:
    restored = bench.elsewhere("echo no such archive >&2; exit 3").restore("shop")
    assert (restored.succeeded, restored.said) == (False, "no such archive\n")


@pytest.mark.parametrize(
    ("script", "left"),
    [
        (f"{RESTORE}; exit 3", "failed and left the database shop_1"),
        (f"{RESTORE}; createdb scratch", "succeeded and left the database scratch"),
        (f"{RESTORE}; pg_dump shop > {{}}/tmp/dump", "succeeded and left .*/tmp/dump"),
        ("pg_dump shop > {}/shop.sql; exit 3", "failed and left .*/shop.sql"),
    ],
)
def test_what_a_restore_leaves(bench: Bench, script: str, left: str) -> None:
    """Half a database is taken for all of it, and a dump is not encrypted."""
    try:
        with pytest.raises(AssertionError, match=f"the restore of shop {left}:"):
            bench.elsewhere(script.format(bench.directory)).restore("shop")
    finally:
        for name in ("shop_1", "scratch"):
            bench.psql.drop(name)


def test_an_empty_database_is_taken_for_nothing(bench: Bench) -> None:
    assert not bench.elsewhere('createdb "$2"; exit 3').restore("shop").succeeded
    bench.psql.drop("shop_1")
    assert bench.psql.databases() == ["postgres", "shop"]


def test_roles_that_the_program_names_are_made(bench: Bench) -> None:
    """An operator does that, once; and not those that it does not name."""
    with Workspace() as workspace:
        bench.psql.run('CREATE ROLE "Named ""here"""; CREATE ROLE unnamed')
        cluster = Cluster(workspace)
        try:
            there = Psql(cluster.shell)
            refusal = """echo 'no role "Named ""here\"\""'; exit 10"""
            script = f"psql -X -At -c '\\du' postgres | grep -q Named || {{ {refusal}; }}"
            elsewhere = bench.elsewhere(script, on=there)
            assert elsewhere.restore("shop").succeeded
            assert there.run("SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_'") == 'postgres\nNamed "here"\n'
        finally:
            cluster.close()
            bench.psql.run('DROP ROLE "Named ""here"""; DROP ROLE unnamed')


def test_a_lost_row(bench: Bench) -> None:
    _, differences = bench.restored("DELETE FROM t WHERE a = 50")
    assert differences[0] == "table public.t: 49 rows instead of 50"
    assert differences[1].startswith("line ")


def test_another_encoding(bench: Bench) -> None:
    """A dump names it; a dump of the copy, with the same, would not show it."""
    create = "createdb --template=template0 --encoding=SQL_ASCII --locale=C"
    _, differences = bench.restored(script=RESTORE.replace("createdb", create))
    assert differences == ["database: encoding SQL_ASCII instead of UTF8"]


def test_another_locale_is_the_new_servers(bench: Bench) -> None:
    create = "createdb --template=template0 --lc-ctype=POSIX --lc-collate=POSIX"
    assert bench.restored(script=RESTORE.replace("createdb", create))[1] == []


def test_what_only_the_dump_shows(bench: Bench) -> None:
    """Rows in another order: the program took another way than that of a dump."""
    _, differences = bench.restored(
        "CREATE TABLE u AS SELECT * FROM t; TRUNCATE t; INSERT INTO t SELECT * FROM u ORDER BY 1 DESC; DROP TABLE u"
    )
    (only,) = differences
    assert "of a dump of it: '50\\t50' instead of '1\\t1'" in only


def test_what_only_amcheck_shows(bench: Bench) -> None:
    """An index that lacks a row: a query would not find it."""
    switch = "UPDATE pg_index SET indisready = {} WHERE indexrelid = 't_pkey'::regclass"
    again = "DELETE FROM t WHERE a = 50; INSERT INTO t VALUES (50, '50')"
    _, differences = bench.restored(f"{switch.format('false')}; {again}; {switch.format('true')}")
    assert [each for each in differences if not each.startswith("pg_amcheck: ")] == []
    assert len(differences) == 1
