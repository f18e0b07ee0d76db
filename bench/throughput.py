"""Archiving a large dump: the article's recipe against ours, natively, to two ``rclone serve s3`` without TLS.

The database is rows of random hexadecimal text, which compress to about half. Figures are per size: seconds of wall
time and of CPU, and the peaks of memory (rclone's own apart, as both use it) and of disk beside the dumps.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.footprint import Footprint
from bench.result import Result, measure
from harness.host.deadline import Deadline
from harness.host.process import OwnedProcess
from harness.host.rclone import rclone_program
from harness.resources import ROOT
from harness.store.credentials import Credentials
from harness.store.rclone_config import UNION, render
from tests.database.cluster import Cluster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from harness.host.progress import Progress
    from harness.host.workspace import Workspace

    _Archive = Callable[[Path, str], list[str]]
    """From a dump and its compression to the command that archives it."""

_ROW = 73  # bytes of SQL
# As services.postgresqlBackup does with our module.
_COMPRESSORS = {"gzip": ("gz", "gzip -c -6 --rsyncable"), "zstd": ("zstd", "zstd -c -3 --rsyncable")}
_LIMIT = 3600.0  # seconds for one step
# The article's two commands. Its gpg compresses what is compressed; its rclone copies to the union.
_ARTICLE = """
set -eu
gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file key --output "$1.enc" "$1"
rclone --config rclone.conf copy "$1.enc" "$2:/db1/"
rm "$1.enc"
"""


@dataclass(frozen=True)
class _Store:
    """What rclone's configuration says about it."""

    name: str
    url: str
    bucket: str
    credentials: Credentials


def throughput(workspace: Workspace, progress: Progress, *, megabytes: int, runs: int = 3) -> Iterator[Result]:
    """Yield the figures for a database of that many megabytes of SQL."""
    with ExitStack() as stack:
        cluster = Cluster(workspace)
        stack.callback(cluster.close)
        place = workspace.subdirectory(f"throughput-{megabytes}")
        with progress.phase("fill", f"filling a database of {megabytes} MB"):
            _fill(cluster, megabytes)
        stores = [stack.enter_context(_serve(name, place, workspace)) for name in ("a", "b")]
        bench = _Bench(cluster, place, stores, workspace)
        with progress.phase("throughput", f"archiving {megabytes} MB"):
            yield from bench.results(f"{megabytes}mb", runs)


class _Bench:
    """One database, one directory with dumps and configuration, two stores."""

    def __init__(self, cluster: Cluster, place: Path, stores: list[_Store], workspace: Workspace) -> None:
        self._workspace = workspace
        self._shell = cluster.shell
        self._place = place
        self._dumps = place / "dumps"
        self._dumps.mkdir(mode=0o700)
        (place / "rclone.conf").write_text(render(stores))
        (place / "key").touch(0o600)
        (place / "key").write_text(secrets.token_hex(20))
        self._environment = {
            "PATH": f"{rclone_program().parent}:{os.environ['PATH']}",
            "HOME": str(place),
            "PYTHONPATH": str(ROOT / "modules/postgresql-archive"),
        }

    def results(self, size: str, runs: int) -> Iterator[Result]:
        """Yield all figures; what is compared is measured in turns."""
        limit = measure(f"pg-dump-{size}", lambda: self._dump("cat > /dev/null"), runs=runs)
        yield limit
        article = _Figures(f"article-{size}")
        ours = {name: _Figures(f"ours-{name}-{size}", against=article) for name in _COMPRESSORS}
        for _ in range(runs):
            self._run(article, "gzip", self._article)
            for name, figures in ours.items():
                self._run(figures, name, self._ours)
        for figures in (article, *ours.values()):
            yield from figures.results

    def _run(self, figures: _Figures, compressor: str, archive: _Archive) -> None:
        suffix, command = _COMPRESSORS[compressor]
        dump = self._dumps / f"db1.sql.{suffix}"
        dump.unlink(missing_ok=True)
        begun = time.monotonic()
        self._dump(f"{command} > {dump}")
        dumped = time.monotonic() - begun
        taken = Footprint.of(
            archive(dump, compressor), self._dumps, self._place, self._environment, workspace=self._workspace
        )
        figures.add(dumped, taken)

    def _dump(self, pipe: str) -> None:
        ended = self._shell.run(f"set -o pipefail; pg_dump --no-owner bench | {pipe}", timeout=_LIMIT)
        if ended.status:
            raise RuntimeError(f"pg_dump | {pipe} failed: {ended.stderr.decode()}")

    def _article(self, dump: Path, _: str) -> list[str]:
        return ["sh", "-c", _ARTICLE, "article", str(dump), UNION]

    def _ours(self, _: Path, compressor: str) -> list[str]:
        suffix = _COMPRESSORS[compressor][0]
        database = {
            "dump": str(self._dumps / f"db1.sql.{suffix}"),
            "compression": compressor,
            "passphraseFile": str(self._place / "key"),
        }
        config = self._place / f"{compressor}.json"
        configuration = {
            "rcloneConfigFile": str(self._place / "rclone.conf"),
            "remote": UNION,
            "databases": {"db1": database},
        }
        config.write_text(json.dumps(configuration))
        return [sys.executable, "-m", "pg_archive", "run", "db1", f"--config={config}", "--since=2000-01-01"]


class _Figures:
    """Of one way to archive; its wall times have a ratio against those of ``against``, the recipe."""

    def __init__(self, name: str, against: _Figures | None = None) -> None:
        def result(what: str, unit: str) -> Result:
            base = None if against is None else next(each for each in against.results if each.name.endswith(what))
            return Result(f"{name}-{what}", unit, against=base)

        self.results = [
            result("archive", "s"),
            result("dump-and-archive", "s"),
            result("cpu", "s"),
            result("memory", "MB"),
            result("rclone-memory", "MB"),
            result("disk", "MB"),
        ]

    def add(self, dumped: float, footprint: Footprint) -> None:
        """Add one run: the seconds of the dump before it, and what it took."""
        values = (
            footprint.seconds,
            dumped + footprint.seconds,
            footprint.cpu,
            footprint.memory / 1e6,
            footprint.rclone_memory / 1e6,
            footprint.disk / 1e6,
        )
        for result, value in zip(self.results, values, strict=True):
            result.values.append(value)


def _fill(cluster: Cluster, megabytes: int) -> None:
    rows = megabytes * 1_000_000 // _ROW
    sql = f"CREATE TABLE t AS SELECT n, md5(n::text) || md5((-n)::text) AS x FROM generate_series(1, {rows}) n"  # noqa: S608 - a number
    for database, command in (("postgres", "CREATE DATABASE bench"), ("bench", sql)):
        ended = cluster.shell.run(["psql", "-X", "-v", "ON_ERROR_STOP=1", "-c", command, database], timeout=_LIMIT)
        if ended.status:
            raise RuntimeError(f"the database cannot be filled: {ended.stderr.decode()}")


@contextmanager
def _serve(name: str, place: Path, workspace: Workspace) -> Iterator[_Store]:
    """Run a store on a free port of localhost."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    directory = place / f"store-{name}"
    (directory / "bucket").mkdir(parents=True)
    server = OwnedProcess(
        [str(rclone_program()), "serve", "s3", str(directory), "--config", "", f"--addr=127.0.0.1:{port}"],
        name=f"store-{name}",
        workspace=workspace,
    )
    try:
        deadline = Deadline(30)
        with socket.socket() as probe:
            while probe.connect_ex(("127.0.0.1", port)):
                if deadline.passed or not server.running:
                    raise RuntimeError("rclone serve s3 does not listen")
                time.sleep(0.05)
        yield _Store(name, f"http://127.0.0.1:{port}", "bucket", Credentials.draw())
    finally:
        server.end()
