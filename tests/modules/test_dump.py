"""Only a dump that this run made, whole, is archived."""

from __future__ import annotations

import errno
import gzip
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pg_archive.deadline import Deadline
from pg_archive.dump import inspect, open_dump
from pg_archive.errors import DeadlinePassed, DumpError
from pg_archive.scanner import Scanner
from pg_archive.stamp import Stamp
from tests.modules.conftest import Site, dump_text
from tests.modules.test_steps import program

if TYPE_CHECKING:
    from pathlib import Path

COMPLETE = dump_text(rows=20_000)


def compressed(content: bytes, compression: str) -> bytes:
    if compression == "zstd":
        return subprocess.run(["zstd", "-c", "-q"], input=content, capture_output=True, check=True).stdout
    return gzip.compress(content, 1) if compression == "gzip" else content


def inspected(tmp_path: Path, content: bytes, compression: str) -> Scanner:
    path = tmp_path / "dump"
    path.write_bytes(content)
    file = os.open(path, os.O_RDONLY)
    try:
        return inspect(file, path, compression, Deadline(20))
    finally:
        os.close(file)


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_a_whole_dump(tmp_path: Path, compression: str) -> None:
    found = inspected(tmp_path, compressed(COMPLETE, compression), compression)
    assert found.rows == {"public.t": 20_000}
    assert found.version == "15.6"
    assert found.size == len(COMPLETE)


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_a_dump_that_takes_too_long_to_read(tmp_path: Path, compression: str) -> None:
    (tmp_path / "dump").write_bytes(compressed(COMPLETE, compression))
    with (tmp_path / "dump").open("rb") as dump, pytest.raises(DeadlinePassed, match=r"^dump: "):
        inspect(dump.fileno(), tmp_path / "dump", compression, Deadline(0))


def test_several_gzip_members(tmp_path: Path) -> None:
    content = b"".join(gzip.compress(COMPLETE[start : start + 50_000]) for start in range(0, len(COMPLETE), 50_000))
    assert inspected(tmp_path, content, "gzip").size == len(COMPLETE)


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_an_interrupted_dump_in_a_whole_stream(tmp_path: Path, compression: str) -> None:
    with pytest.raises(DumpError, match="does not end with pg_dump's last line"):
        inspected(tmp_path, compressed(COMPLETE[:-60], compression), compression)


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_what_a_pg_dump_leaves_that_refuses_its_options(tmp_path: Path, compression: str) -> None:
    """Nothing, in a whole stream."""
    refused = subprocess.run(["pg_dump", "--globals-only", "db1"], capture_output=True, check=False, timeout=20)
    assert (refused.returncode, refused.stdout) == (1, b"")
    with pytest.raises(DumpError, match="does not end with pg_dump's last line"):
        inspected(tmp_path, compressed(refused.stdout, compression), compression)


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_a_disk_that_fails(tmp_path: Path, compression: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def pread(*_: int) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "pread", pread)
    with pytest.raises(DumpError, match="dump cannot be read to its end: Input/output error"):
        inspected(tmp_path, compressed(COMPLETE, compression), compression)


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
@pytest.mark.parametrize("damage", ["cut", "flip", "plain", "no checksum"])
def test_a_broken_stream(tmp_path: Path, compression: str, damage: str) -> None:
    content = bytearray(compressed(COMPLETE, compression))
    if damage == "cut":
        del content[len(content) // 2 :]
    elif damage == "flip":
        content[len(content) // 2] ^= 64
    elif damage == "no checksum":
        del content[-3:]
    else:
        content = bytearray(COMPLETE)
    with pytest.raises(DumpError, match="does not decompress completely"):
        inspected(tmp_path, bytes(content), compression)


def test_memory_stays_flat(tmp_path: Path) -> None:
    """A row of 200 MB, and a stream that expands a thousandfold."""
    script = (
        "import os, re, sys; from pathlib import Path; from pg_archive.deadline import Deadline;"
        "from pg_archive.dump import inspect; path = Path(sys.argv[1]);"
        "found = inspect(os.open(path, os.O_RDONLY), path, 'gzip', Deadline(60));"
        "peak = re.search('VmHWM:\\s*([0-9]+)', Path('/proc/self/status').read_text());"
        "print(found.size, found.rows, int(peak[1]) // 1024)"
    )
    head, tail = dump_text(rows=0).split(b"\\.\n")
    path = tmp_path / "dump.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(head)
        for _ in range(200):
            file.write(b"x" * (1 << 20))
        file.write(b"\n\\.\n" + tail)
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    said = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    ).stdout.split(" {'public.t': 1} ")
    assert int(said[0]) > 200 << 20
    assert int(said[1]) < 60, "MiB"


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 64, 100_000])
def test_rows_are_counted_however_the_bytes_arrive(piece: int) -> None:
    text = (
        dump_text(rows=5).split(b"--\n-- PostgreSQL database dump complete")[0]
        + b'\n--\n\nCOPY public."a "" (b" (x) FROM stdin;\n\\.\n\n\n'  # an empty table with a nasty name
        + b"CREATE FUNCTION f() AS $$\nCOPY public.no (a) FROM stdin;\n$$;\n"
        + b"\n--\n\nCOPY s.z FROM stdin;\n\\\\.\nb\n\\.\n\n\n--\n-- PostgreSQL database dump complete\n--\n\n"
    )
    scanner = Scanner()
    for start in range(0, len(text), piece):
        scanner.feed(text[start : start + piece])
    assert scanner.rows == {"public.t": 5, 'public."a "" (b"': 0, "s.z": 2}
    assert scanner.complete


def test_an_earlier_runs_dump_is_refused(tmp_path: Path) -> None:
    dump = tmp_path / "dump"
    dump.write_bytes(COMPLETE)
    stamp = Stamp.of(dump)
    with pytest.raises(DumpError, match="is an earlier run's"):
        open_dump(dump, stamp)
    dump.rename(tmp_path / "prev")
    with pytest.raises(DumpError, match="No such file"):
        open_dump(dump, stamp)
    dump.write_bytes(COMPLETE)
    os.utime(dump, (0, 0))  # the clock was set back meanwhile: it does not matter
    os.close(open_dump(dump, stamp))
    with pytest.raises(DumpError, match="is an earlier run's"):
        open_dump(dump, time.time() - 60)


def test_the_first_dump_of_all(tmp_path: Path) -> None:
    stamp = Stamp.of(tmp_path / "dump")
    (tmp_path / "dump").write_bytes(b"")
    with pytest.raises(DumpError, match="is empty"):
        open_dump(tmp_path / "dump", stamp)


@pytest.mark.parametrize("kind", ["moto"])
@pytest.mark.parametrize(
    ("break_it", "word"),
    [
        (lambda site: site.dump.unlink(), "cannot be opened"),
        (lambda site: site.dump.write_bytes(site.dump.read_bytes()[:-40]), "does not decompress completely"),
        (lambda site: site.dump.write_bytes(gzip.compress(dump_text()[:-50])), "pg_dump's last line"),
        (lambda site: site.dump.write_bytes(gzip.compress(b"")), "pg_dump's last line"),
        (lambda site: site.begin(), "earlier run's"),
        (lambda site: (site.directory / "runtime/begun.json").unlink(), "start was not noted"),
    ],
    ids=["none", "cut", "incomplete", "nothing", "old", "no-stamp"],
)
def test_a_bad_dump_is_red_before_anything_is_uploaded(site: Site, break_it: object, word: str) -> None:
    site.begin()
    site.new_dump()
    break_it(site)  # type: ignore[operator]
    result = site.command("run", "db1")
    assert result.status == 4, result
    assert word in result.stderr
    assert site.left() == set()
    for store in site.stores:
        assert not [request for request in store.requests() if request.method in {"PUT", "POST"}]


@pytest.mark.parametrize("kind", ["moto"])
def test_a_dump_that_is_still_written(site: Site) -> None:
    program(site, "gpg", f'{shutil.which("gpg")} "$@" || exit; printf x >> {site.dump}')
    result = site.backup()
    assert result.status == 4, result
    assert "changed while it was read" in result.stderr
    assert [site.names(store) for store in site.stores] == [[], []]


@pytest.mark.parametrize("kind", ["moto"])
def test_begin_notes_the_dump(site: Site) -> None:
    assert site.command("begin", "db1").green
    site.new_dump()
    assert site.command("run", "db1").green
    assert site.command("begin", "db1").green
    assert site.command("run", "db1").status == 4
    assert site.command("begin", "db1", RUNTIME_DIRECTORY="").status == 3
    assert site.command("run", "db1", "--since=2020-01-01").green


@pytest.mark.parametrize("kind", ["moto"])
def test_a_time_without_a_zone_is_utc(site: Site) -> None:
    """As for `restore --at`, wherever the host is."""
    site.new_dump()
    since = datetime.now(UTC) - timedelta(minutes=1)
    result = site.command("run", "db1", f"--since={since:%Y-%m-%dT%H:%M:%S}", TZ="WEST+10")
    assert result.green, result
    result = site.command("run", "db1", f"--since={since + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}", TZ="EAST-10")
    assert result.status == 4, result
