"""A dump is restored into a fresh database, completely or not at all."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from harness.archive.errors import CorruptArchive, RestoreFailed
from harness.archive.restore import restored
from harness.database.compression import DamagedCompression, opened
from harness.database.fingerprint import fingerprint
from harness.errors import GateError
from tests.database.dumping import dump
from tests.database.fixtures import created

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.database.psql import Psql


def zstd(content: bytes) -> bytes:
    if shutil.which("zstd") is None:
        pytest.skip("zstd is not installed; ./run setup test installs it")
    return subprocess.run(["zstd", "-q", "-c"], input=content, capture_output=True, check=True).stdout


COMPRESSIONS = pytest.mark.parametrize("compress", [bytes, gzip.compress, zstd], ids=["plain", "gzip", "zstd"])


@COMPRESSIONS
def test_any_compression(psql: Psql, compress: Callable[[bytes], bytes]) -> None:
    with created(psql, "small") as source:
        psql.run("CREATE TABLE t AS SELECT 'ü' AS t", source)
        with restored(psql, compress(dump(psql, source)), like=source) as name:
            assert fingerprint(psql, source).diff(fingerprint(psql, name)) == []
            assert name in psql.databases()
        assert name not in psql.databases()


def test_a_zstd_that_the_host_kills_is_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = zstd(b"SELECT 1;")
    (tmp_path / "zstd").write_text("#!/bin/sh\nkill -KILL $$\n")
    (tmp_path / "zstd").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(GateError, match="zstd was killed") as raised, opened(content) as read:
        read.read()
    assert not isinstance(raised.value, DamagedCompression)


@pytest.mark.parametrize("compress", [gzip.compress, zstd], ids=["gzip", "zstd"])
@pytest.mark.parametrize("damage", [lambda content: content[:-5], lambda content: content[:20] + content[40:]])
def test_damaged_compression(compress: Callable[[bytes], bytes], damage: Callable[[bytes], bytes]) -> None:
    content = compress(b"".join(b"%d SELECT\n" % number for number in range(1000)))
    with pytest.raises(DamagedCompression, match="compression is damaged"), opened(damage(content)) as read:
        read.read()


def test_a_damaged_dump_is_a_bad_archive(psql: Psql) -> None:
    damaged = gzip.compress(b"SELECT 1;" * 1000)[:-5]
    with pytest.raises(CorruptArchive, match="gzip compression is damaged"), restored(psql, damaged, like="postgres"):
        pytest.fail("it restored")


def test_the_first_failing_statement_is_named_and_nothing_stays(psql: Psql) -> None:
    before = psql.databases()
    sql = b"CREATE TABLE t (a integer PRIMARY KEY);\nCOPY t FROM stdin;\n1\n1\n\\.\nSELECT 1;\n"
    fault = 'line 5: ERROR:  duplicate key value violates unique constraint "t_pkey"'
    with pytest.raises(RestoreFailed, match=fault), restored(psql, sql, like="postgres"):
        pytest.fail("it restored")
    assert psql.databases() == before


def test_it_is_dropped_whatever_happens_to_whoever_uses_it(psql: Psql) -> None:
    before = psql.databases()
    with pytest.raises(KeyboardInterrupt), restored(psql, b"", like="postgres"):
        raise KeyboardInterrupt
    assert psql.databases() == before


def test_a_dump_that_chooses_its_database_is_refused(psql: Psql) -> None:
    with created(psql, "chosen") as source:
        psql.run("CREATE TABLE t AS SELECT 1 AS a", source)
        result = psql.shell.run(["pg_dump", "-C", "--clean", source])
        assert b"DROP DATABASE chosen" in result.stdout
        with pytest.raises(RestoreFailed, match="pg_dump -C"), restored(psql, result.stdout, like=source):
            pytest.fail("it restored")
        assert psql.run("SELECT a FROM t", source) == "1\n"


def test_a_dump_that_is_cut_off_between_its_statements(psql: Psql) -> None:
    r"""PostgreSQL's minor releases since August 2025 end a dump with \unrestrict."""
    with created(psql, "cut") as source:
        psql.run("CREATE TABLE t (a integer)", source)
        cut = dump(psql, source).partition(b"-- PostgreSQL database dump complete")[0]
    with pytest.raises(RestoreFailed, match="cut off"), restored(psql, cut, like="postgres"):
        pytest.fail("it restored")
