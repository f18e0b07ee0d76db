"""``pg-archive`` as a process of its own, against the harness's real stores, with real gpg and rclone."""

from __future__ import annotations

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.host.rclone import rclone_program
from harness.resources import ROOT
from harness.store.rclone_config import UNION, render
from pg_archive import openpgp
from pg_archive.deadline import Deadline
from pg_archive.keys import Keys
from pg_archive.manifest import Manifest
from pg_archive.passphrase import Passphrase
from pg_archive.stamp import Stamp
from tests.store.conftest import Pair, authority, fork_server, kind, pair, pairs, proxy, workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.store.store import Store
    from harness.store.tls import Authority

__all__ = ["authority", "fork_server", "kind", "pair", "pairs", "proxy", "workspace"]

PASSPHRASE = "a passphrase of quite some length"
DIRECTORY = "databases/db1/"
DUMP = """--
-- PostgreSQL database dump
--

-- Dumped from database version 15.6
-- Dumped by pg_dump version 15.6

--
-- Data for Name: t; Type: TABLE DATA; Schema: public; Owner: postgres
--

COPY public.t (a, b) FROM stdin;
{rows}\\.


--
-- PostgreSQL database dump complete
--

"""


def dump_text(rows: int = 3, note: str = "") -> bytes:
    return DUMP.format(rows="".join(f"{row}\trow {row} {note}\n" for row in range(rows))).encode()


@dataclass
class Result:
    status: int
    stdout: str
    stderr: str

    @property
    def green(self) -> bool:
        return self.status == 0

    def __str__(self) -> str:
        return f"status {self.status}\n{self.stdout}{self.stderr}"


@dataclass
class Site:
    """A host with one database, its dump, and the article's rclone configuration."""

    directory: Path
    pair: Pair
    environment: dict[str, str]
    configuration: dict[str, Any] = field(default_factory=dict)

    @property
    def dumps(self) -> Path:
        return self.directory / "dumps"

    @property
    def dump(self) -> Path:
        return self.dumps / "db1.sql.gz"

    @property
    def stores(self) -> tuple[Store, Store]:
        return self.pair.a, self.pair.b

    def new_dump(self, content: bytes | None = None) -> bytes:
        """Do what the unit's script does: rename the old dump, write a new one; return it uncompressed."""
        if self.dump.exists():
            self.dump.rename(self.dumps / "db1.prev.sql.gz")
        content = dump_text(note=os.urandom(8).hex()) if content is None else content
        self.dump.write_bytes(gzip.compress(content, 1))
        return content

    def start(self, *arguments: str, prefix: Sequence[str] = (), **environment: str) -> subprocess.Popen[str]:
        (self.directory / "config.json").write_text(json.dumps(self.configuration))
        return subprocess.Popen(
            [*prefix, sys.executable, "-m", "pg_archive", *arguments, f"--config={self.directory / 'config.json'}"],
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def command(self, *arguments: str, timeout: float = 60, prefix: Sequence[str] = (), **environment: str) -> Result:
        process = self.start(*arguments, prefix=prefix, **environment)
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return Result(process.returncode, stdout, stderr)

    def begin(self) -> None:
        """What `pg-archive begin` does, without starting a Python for it."""
        Stamp.of(self.dump).save(self.directory / "runtime/begun.json")

    def backup(self, content: bytes | None = None, timeout: float = 60) -> Result:
        """A whole run, as the unit does it."""
        self.begin()
        self.new_dump(content)
        return self.command("run", "db1", timeout=timeout)

    def left(self) -> set[str]:
        """What a run left beside the dumps."""
        return {entry.name for entry in self.dumps.iterdir()} - {"db1.sql.gz", "db1.prev.sql.gz"}

    def archives(self, store: Store) -> list[str]:
        return [entry.key for entry in store.objects() if entry.key.endswith(".enc")]

    def names(self, store: Store) -> list[str]:
        return [entry.key for entry in store.objects()]


@cache
def finished(day: int, year: int = 2026) -> dict[str, bytes]:
    """An archive and its manifest as a run of that day of January left them here, by object key."""
    deadline, passphrase = Deadline(30), Passphrase(PASSPHRASE)
    name = f"db1_{year}01{day:02}T000000Z.sql.gz.enc"
    dump = gzip.compress(dump_text(note="old"), 1)
    ciphertext = openpgp.encrypt_bytes(dump, passphrase, deadline)
    manifest = Manifest(
        archive=name,
        database="db1",
        host=socket.gethostname(),
        postgresql="15.6",
        time=datetime(year, 1, day, tzinfo=UTC),
        dump=openpgp.digest(dump),
        ciphertext=openpgp.digest(ciphertext),
        compression="gzip",
        encryption=openpgp.ENCRYPTION,
        rows={},
    )
    key = f"{DIRECTORY}{name}"
    return {key: ciphertext, f"{key}.manifest": manifest.sealed(Keys(passphrase), deadline)}


def decrypted(message: bytes) -> bytes:
    """Decrypt as a stranger would, with gpg alone."""
    reading, writing = os.pipe()
    os.write(writing, PASSPHRASE.encode())
    os.close(writing)
    try:
        return subprocess.run(
            [
                "gpg",
                "--homedir=/nonexistent",
                "--no-keyring",
                "--batch",
                "--quiet",
                "--pinentry-mode=loopback",
                f"--passphrase-fd={reading}",
                "--decrypt",
            ],
            input=message,
            pass_fds=[reading],
            check=True,
            capture_output=True,
            timeout=30,
        ).stdout
    finally:
        os.close(reading)


def content_of(message: bytes) -> bytes:
    return gzip.decompress(decrypted(message))


def wait_for(condition: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


@pytest.fixture
def site(pair: Pair, tmp_path: Path, proxy: str, authority: Authority) -> Site:
    for name in ("dumps", "runtime"):
        (tmp_path / name).mkdir(mode=0o700)
    (tmp_path / "key").write_text(PASSPHRASE + "\n")
    (tmp_path / "ca.pem").write_text(authority.certificate)
    (tmp_path / "rclone.conf").write_text(render([pair.a, pair.b]))
    bin_directory = tmp_path / "bin"
    bin_directory.mkdir()
    (bin_directory / "rclone").symlink_to(rclone_program())
    environment = {
        "PATH": f"{bin_directory}:{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),  # there is none; rclone would make it, as root
        "PYTHONPATH": str(ROOT / "modules/postgresql-archive"),
        "RUNTIME_DIRECTORY": str(tmp_path / "runtime"),
        "HTTPS_PROXY": proxy,
        "RCLONE_CA_CERT": str(tmp_path / "ca.pem"),
    }
    configuration = {
        "rcloneConfigFile": str(tmp_path / "rclone.conf"),
        "remote": UNION,
        "timeLimit": 40,
        "timeout": 30,
        "databases": {
            "db1": {
                "dump": str(tmp_path / "dumps/db1.sql.gz"),
                "passphraseFile": str(tmp_path / "key"),
            }
        },
    }
    return Site(tmp_path, pair, environment, configuration)
