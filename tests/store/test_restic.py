"""examples/restic against real stores: its archive.sh fills a repository in each, and its retrieve.sh brings the dumps.

The machine here is this host: what a guest's programs would do, its own do.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.host.rclone import rclone_program
from harness.resources import ROOT
from harness.store.effect import Refuse
from harness.store.fault import Fault
from harness.store.rclone_config import UNION
from harness.trial.findings import Findings
from harness.trial.repository import Repository, RetrievedArchive

if TYPE_CHECKING:
    from harness.store.store import Store
    from tests.store.conftest import Pair
    from tests.store.rclone import Rclone

pytestmark = pytest.mark.skipif(shutil.which("restic") is None, reason="no restic on PATH: apt-get install restic")

EXAMPLE = ROOT / "examples" / "restic"


@pytest.fixture(params=["moto"])
def kind(request: pytest.FixtureRequest) -> str:
    """One kind of store: what is tested here is on this side of it."""
    return str(request.param)


class Host:
    """This host as the machine of a site; its dump is whatever ``archive`` is given."""

    def __init__(self, rclone: Rclone, pair: Pair) -> None:
        self.directory = rclone.directory
        programs = rclone.directory / "programs"
        programs.mkdir()
        (programs / "rclone").symlink_to(rclone_program())
        self._environment = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(rclone.directory),
            "HTTPS_PROXY": rclone.proxy,
            "RCLONE_CA_CERT": str(rclone.directory / "ca.pem"),
            "RCLONE_RETRIES": "1",
        }
        password = rclone.directory / "password"
        password.write_text("right\n")
        self.retrieve = rclone.directory / "retrieve"
        self.retrieve.write_text(f'#!/bin/sh\nexec bash {EXAMPLE}/retrieve.sh db1 "$@"\n')
        self.retrieve.chmod(0o755)
        self.repositories = {store.name: self._repository(store) for store in (pair.a, pair.b)}
        self.findings = Findings()

    def archive(self, store: str, dump: bytes) -> subprocess.CompletedProcess[bytes]:
        """Do what the example's unit does for one of its remotes."""
        (self.directory / "db1.sql").write_bytes(dump)
        return subprocess.run(
            ["bash", EXAMPLE / "archive.sh", "db1", "db1.sql", f"{UNION}-{store}"],
            cwd=self.directory,
            env=self._environment
            | {
                "RCLONE_CONFIG": str(self.directory / "rclone.conf"),
                "RESTIC_PASSWORD_FILE": str(self.directory / "password"),
            },
            capture_output=True,
            timeout=300,
            check=False,
        )

    def push(self, content: bytes, name: str, *, mode: int) -> None:
        Path(self._here(name)).write_bytes(content)
        Path(self._here(name)).chmod(mode)

    def check(self, command: list[str]) -> None:
        assert command[:2] == ["rm", "--force"]
        for name in command[2:]:
            Path(self._here(name)).unlink()

    def run(self, command: list[str], *, stdin: bytes, timeout: float) -> Any:
        """Run what systemd-run is given: this host may have no systemd, and scenarios judge what it hides."""
        assert command[0] == "systemd-run"
        ended: Any = subprocess.run(
            [self._here(word) for word in command[command.index("--") + 1 :]],
            input=stdin,
            env=self._environment,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        ended.status = ended.returncode
        return ended

    def _here(self, word: str) -> str:
        return str(self.directory / word[5:]) if word.startswith("/run/") else word

    def _repository(self, store: Store) -> Repository:
        machine: Any = self
        return Repository(store, str(self.retrieve), "right", machine=machine, note=Findings().note, limit=120)


@pytest.fixture
def host(rclone: Rclone, pair: Pair) -> Host:
    return Host(rclone, pair)


def brought(repository: Repository, name: str) -> bytes:
    file = io.BytesIO()
    RetrievedArchive("wasabi", name, (), repository).write(file)
    return file.getvalue()


def test_each_run_adds_a_dump_to_each_store_and_loses_none(host: Host, pair: Pair) -> None:
    assert [repository.new() for repository in host.repositories.values()] == [[], []]
    for store, repository in host.repositories.items():
        done = host.archive(store, b"SELECT 1;\n")
        assert done.returncode == 0, done.stderr.decode()
        (first,) = repository.new()
        assert brought(repository, first) == b"SELECT 1;\n"
        done = host.archive(store, b"SELECT 2;\n")
        assert done.returncode == 0, done.stderr.decode()
        (second,) = repository.new()
        assert brought(repository, second) == b"SELECT 2;\n"
        assert repository.lost(first) == ""
        assert not RetrievedArchive(store, first, (), repository).opens("wrong")
    readers = {store.reader.key_id for store in (pair.a, pair.b)}
    assert not [request for request in pair.a.requests() if request.key_id in readers]
    assert not [key for store in (pair.a, pair.b) for key in store.objects() if "/locks/" in key.key]


def test_a_store_that_refuses_says_so_and_has_none(host: Host, pair: Pair) -> None:
    pair.b.meet(Fault(Refuse(403)))
    done = host.archive("wasabi", b"SELECT 1;\n")
    assert done.returncode
    assert "403" in done.stderr.decode()
    assert host.repositories["wasabi"].new() == []
    pair.b.heal()
    assert host.archive("wasabi", b"SELECT 1;\n").returncode == 0
    assert len(host.repositories["wasabi"].new()) == 1


def test_a_snapshot_that_was_removed_is_lost(host: Host, pair: Pair) -> None:
    repository = host.repositories["wasabi"]
    assert host.archive("wasabi", b"SELECT 1;\n").returncode == 0
    (name,) = repository.new()
    assert repository.lost(name) == ""
    (snapshot,) = [found.key for found in pair.b.objects() if "/snapshots/" in found.key]
    pair.clients["wasabi"].delete_object(Bucket=pair.b.bucket, Key=snapshot)
    assert repository.lost(name).startswith(f"no longer brings the dump {name}: ")
