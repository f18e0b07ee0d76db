"""Whatever pg_dump writes fills a database; what cannot is refused with the command that makes a good one."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.database import datasets
from harness.database.dataset import DatasetError
from harness.database.dump_head import majors
from harness.database.fingerprint import fingerprint
from harness.database.psql import Psql
from tests.database.fixtures import created
from tests.store.eventually import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.database.shell import Result, Shell

SHOP = """
CREATE TABLE goods (id integer PRIMARY KEY, name text);
INSERT INTO goods SELECT i, 'good ' || i FROM generate_series(1, 500) i;
SELECT lo_from_bytea(4711, '\\x00ff');
"""


@pytest.fixture(scope="module")
def source(psql: Psql) -> Iterator[str]:
    with created(psql, "source of dumps") as name:
        psql.run(SHOP, name)
        yield name


def pg_dump(psql: Psql, *arguments: str) -> bytes:
    result = psql.shell.run(["pg_dump", *arguments])
    assert result.status == 0, result.stderr
    return bytes(result.stdout)


def zstd(content: bytes) -> bytes:
    if shutil.which("zstd") is None:
        pytest.skip("zstd is not installed; ./run setup test installs it")
    return subprocess.run(["zstd", "-q", "-c"], input=content, capture_output=True, check=True).stdout


def directory(psql: Psql, source: str, file: Path) -> None:
    assert psql.shell.run(["pg_dump", "--format=directory", f"--file={file}", source]).status == 0


def tarred(psql: Psql, source: str, file: Path, *, inside: str) -> None:
    made = file.with_name("made")
    directory(psql, source, made)
    with tarfile.open(file, "w:gz") as tar:
        tar.add(made, arcname=inside)


FORMATS: dict[str, Callable[[Psql, str, Path], object]] = {
    "plain": lambda psql, source, file: file.write_bytes(pg_dump(psql, source)),
    "gzip": lambda psql, source, file: file.write_bytes(gzip.compress(pg_dump(psql, source))),
    "zstd": lambda psql, source, file: file.write_bytes(zstd(pg_dump(psql, source))),
    "xz": lambda psql, source, file: file.write_bytes(lzma.compress(pg_dump(psql, source))),
    "bzip2": lambda psql, source, file: file.write_bytes(bz2.compress(pg_dump(psql, source))),
    "custom": lambda psql, source, file: file.write_bytes(pg_dump(psql, "-Fc", source)),
    "custom, with -C": lambda psql, source, file: file.write_bytes(pg_dump(psql, "-Fc", "-C", source)),
    "custom, gzipped": lambda psql, source, file: file.write_bytes(gzip.compress(pg_dump(psql, "-Fc", "-Z0", source))),
    "tar": lambda psql, source, file: file.write_bytes(pg_dump(psql, "-Ft", source)),
    "directory": directory,
    "tar of a directory": lambda psql, source, file: tarred(psql, source, file, inside="backups/today"),
    "tar of a directory's content": lambda psql, source, file: tarred(psql, source, file, inside="."),
}


@pytest.mark.parametrize("made_by", FORMATS.values(), ids=list(FORMATS))
def test_a_dump_in_any_format(
    psql: Psql, source: str, tmp_path: Path, left: set[Path], made_by: Callable[[Psql, str, Path], object]
) -> None:
    file = tmp_path / "named as nothing"
    made_by(psql, source, file)
    with created(psql, "from a dump") as name:
        datasets.own(file).load(psql, name)
        assert fingerprint(psql, source).diff(fingerprint(psql, name)) == []
    no_dump_stays(left)


@pytest.fixture
def left() -> set[Path]:
    """What is there before the test: a run that was killed may have left it there."""
    return set(Path("/var/tmp").glob("gate-dataset-*"))


def no_dump_stays(left: set[Path]) -> None:
    """What another worker is loading just now goes by itself."""
    there = set(Path("/var/tmp").glob("gate-dataset-*")) - left
    eventually(lambda: not any(path.exists() for path in there), within=60)


def refused(file: Path) -> str:
    with pytest.raises(DatasetError) as raised:
        datasets.own(file)
    return str(raised.value)


@dataclass
class Unprivileged:
    """A shell whose commands on files may not do what root may, as in a guest."""

    shell: Shell

    def run(self, command: str | Sequence[str], **how: Any) -> Result:
        on_files = os.geteuid() == 0 and command[0] in {"chmod", "ln", "mktemp", "rm", "tar"}
        become = ["setpriv", "--reuid=nobody", "--clear-groups", "--"] if on_files else []
        return self.shell.run([*become, *command], **how)


def test_a_directory_that_nobody_may_write(psql: Psql, source: str, tmp_path: Path, left: set[Path]) -> None:
    """As in the Nix store."""
    made = tmp_path / "made"
    directory(psql, source, made)
    made.chmod(0o555)
    with created(psql, "read-only") as name:
        datasets.own(made).load(Psql(Unprivileged(psql.shell)), name)
    no_dump_stays(left)


def test_a_plain_dump_that_is_cut_off(psql: Psql, source: str, tmp_path: Path) -> None:
    """psql takes the end of the file for the end of the rows: half of them would be loaded, and proven."""
    file = tmp_path / "dump.sql"
    dump = pg_dump(psql, source)
    file.write_bytes(dump[: dump.index(b"\tgood 250\n")])
    assert "is cut off: pg_dump's last line is missing" in refused(file)


def test_the_first_bytes_of_a_custom_dump() -> None:
    assert majors(b"PGDMP\x01") == []


def test_a_dump_with_more_sql_after_it(psql: Psql, source: str, tmp_path: Path) -> None:
    file = tmp_path / "dump.sql"
    file.write_bytes(pg_dump(psql, source) + b"\nANALYZE public.goods;\n")
    with created(psql, "more") as name:
        datasets.own(file).load(psql, name)


def test_a_dump_that_chooses_its_database(psql: Psql, source: str, tmp_path: Path) -> None:
    """It would fill another database, and an empty one would be proven."""
    file = tmp_path / "dump.sql"
    file.write_bytes(pg_dump(psql, "-C", source))
    assert "make it without -C, with pg_dump --file=FILE.sql DATABASE" in refused(file)


def test_sql_that_goes_to_another_database_later(psql: Psql, tmp_path: Path) -> None:
    file = tmp_path / "mine.sql"
    file.write_text("CREATE TABLE t (a text);\n" + "-- far from the start\n" * 10_000 + "\\connect postgres\n")
    with created(psql, "left") as name, pytest.raises(DatasetError, match=r"it ends in the database postgres .*leave"):
        datasets.own(file).load(psql, name)


def test_a_dump_of_the_cluster(psql: Psql, tmp_path: Path) -> None:
    file = tmp_path / "all.sql"
    file.write_bytes(psql.shell.run(["pg_dumpall", "--globals-only"]).stdout)
    assert "by pg_dumpall" in (complaint := refused(file))
    assert "pg_dump --file=FILE.sql DATABASE" in complaint


def test_a_text_like_a_command_in_a_row(psql: Psql, tmp_path: Path) -> None:
    file = tmp_path / "dump.sql"
    with created(psql, "of commands") as source:
        psql.run("CREATE TABLE t AS SELECT E'\\\\connect postgres\n\\\\connect postgres' AS a", source)
        file.write_bytes(pg_dump(psql, source))
        with created(psql, "copy of it") as name:
            datasets.own(file).load(psql, name)
            assert fingerprint(psql, source).diff(fingerprint(psql, name)) == []


def test_a_text_like_a_command_in_a_function(psql: Psql, tmp_path: Path) -> None:
    file = tmp_path / "dump.sql"
    with created(psql, "of commands") as source:
        psql.run(
            "CREATE TABLE t (a text); CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$SELECT '\n\\c x'$$", source
        )
        file.write_bytes(pg_dump(psql, source))
        with created(psql, "copy of it") as name:
            datasets.own(file).load(psql, name)


def test_only_an_extensions_table(psql: Psql, tmp_path: Path) -> None:
    """Nobody's data: spatial_ref_sys of PostGIS is such a table."""
    file = tmp_path / "mine.sql"
    file.write_text("CREATE EXTENSION hstore; CREATE TABLE t (a text); ALTER EXTENSION hstore ADD TABLE t;")
    with created(psql, "extended") as name, pytest.raises(DatasetError, match="has no table"):
        datasets.own(file).load(psql, name)


def test_data_without_a_table(psql: Psql, tmp_path: Path) -> None:
    file = tmp_path / "mine.sql"
    file.write_text("CREATE SCHEMA empty;")
    with created(psql, "void") as name, pytest.raises(DatasetError, match="void has no table: there is nothing to pr"):
        datasets.own(file).load(psql, name)


@pytest.mark.parametrize("options", [[], ["-Fc"]], ids=["plain", "custom"])
def test_roles_that_the_dump_lacks(psql: Psql, tmp_path: Path, options: list[str]) -> None:
    roles = ["Head of it", "asks", "gets", "has", "o'wner"]
    every = ", ".join(f'"{role}"' for role in roles)
    file = tmp_path / "dump"
    psql.run("".join(f'CREATE ROLE "{role}";' for role in roles))
    try:
        with created(psql, "owned") as source:
            psql.run(
                """
                CREATE TABLE t AS SELECT 1 AS a;
                ALTER TABLE t OWNER TO "Head of it";
                GRANT SELECT ON t TO gets WITH GRANT OPTION;
                CREATE POLICY p ON t FOR SELECT TO gets, asks USING (a > 0
                    AND a < 9);
                ALTER DEFAULT PRIVILEGES FOR ROLE "o'wner" GRANT SELECT ON TABLES TO has;
                """,
                source,
            )
            file.write_bytes(pg_dump(psql, *options, source))
            before = fingerprint(psql, source)
            psql.run("DROP POLICY p ON t; DROP OWNED BY " + every, source)
        psql.run(f"DROP ROLE {every}")
        with created(psql, "adopted") as name:
            assert datasets.own(file).load(psql, name) == roles
            assert list(map(str, before.diff(fingerprint(psql, name)))) == []
            psql.run(f"DROP OWNED BY {every}", name)
    finally:
        psql.run("".join(f'DROP ROLE IF EXISTS "{role}";' for role in roles))


NEWER = (
    b"--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 99.1\n-- Dumped by pg_dump version 99.1\n"
)


def test_a_plain_dump_by_a_newer_postgresql(psql: Psql, tmp_path: Path) -> None:
    file = tmp_path / "dump.sql"
    file.write_bytes(NEWER + b"CREATE TABLE t (a integer);\n-- PostgreSQL database dump complete\n")
    with created(psql, "newer") as name:
        with pytest.raises(DatasetError, match=r"is a dump by PostgreSQL 99, .* --gate-release trixie"):
            datasets.own(file).load(psql, name)
        assert psql.run("SELECT to_regclass('t')", name) == "\n", "it was loaded"


@pytest.mark.parametrize("made", ["-Fc", "-Ft"])
def test_a_custom_dump_by_a_newer_postgresql(psql: Psql, source: str, tmp_path: Path, made: str) -> None:
    file = tmp_path / "dump"
    here = psql.run("SHOW server_version").split(".")[0].encode()
    content = pg_dump(psql, made, source)
    assert content[:4000].count(here + b".") >= 2
    file.write_bytes(content.replace(here + b".", b"99."))
    with created(psql, "newer") as name, pytest.raises(DatasetError, match="is a dump by PostgreSQL 99"):
        datasets.own(file).load(psql, name)


def test_files_that_are_something_else(tmp_path: Path) -> None:
    tar = tmp_path / "etc.tar"
    with tarfile.open(tar, "w") as made:
        made.addfile(tarfile.TarInfo("etc/passwd"), io.BytesIO())
    assert "it has no toc.dat; make one with pg_dump --format=tar" in refused(tar)
    assert "it has no toc.dat; make one with pg_dump --format=directory" in refused(tmp_path)
