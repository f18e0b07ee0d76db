"""Where files of a run are looked for, by find and head of this machine."""

from __future__ import annotations

import gzip
import lzma
import subprocess
from typing import TYPE_CHECKING, Any, cast

import pytest

from harness.trial import places
from harness.trial.places import Places, without_empty
from tests.archive.encrypting import encrypted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.machine.machine import Machine

DUMP = b"--\n-- PostgreSQL database dump\n--\n"


class Here:
    """This machine, whoever asks."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def run(self, command: list[str], **_: Any) -> Any:
        self.asked.append(command)
        return subprocess.run(command, capture_output=True, check=False)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(places, "_USUAL", (f"{tmp_path}/tmp",))
    monkeypatch.setattr(places, "_EVERYWHERE", (str(tmp_path),))
    monkeypatch.setattr(places, "_SYSTEMS", places._SYSTEMS.replace("/var/", f"{tmp_path}/var/"))
    monkeypatch.setattr(places, "_CACHES", ("-path", f"{tmp_path}/var/cache", "-o", "-name", ".cache"))
    return tmp_path


def found(root: Path, content: bytes, name: str, **options: Any) -> bool:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return str(file) in Places(cast("Machine", Here()), (f"{root}/own",), **options).files()


@pytest.mark.parametrize("directory", ["tmp", "own"])
def test_where_backups_are_made_every_file_counts(root: Path, directory: str) -> None:
    assert found(root, b"", f"{directory}/deep/x")


# Made in the test, as each worker collects the same names and gpg draws other bytes each time.
BEGINNINGS: dict[str, Callable[[], bytes]] = {
    "dump": lambda: DUMP,
    "dump of a cluster": lambda: DUMP.replace(b"dump", b"cluster dump"),
    "custom format": lambda: b"PGDMP\x01",
    "gzip": lambda: gzip.compress(DUMP),
    "xz": lambda: lzma.compress(DUMP),
    "zstd": lambda: b"\x28\xb5\x2f\xfd\x04",
    "age": lambda: b"age-encryption.org/v1\n-> ssh-ed25519",
    "age, armored": lambda: b"-----BEGIN AGE ENCRYPTED FILE-----\n",
    "OpenPGP, armored": lambda: b"-----BEGIN PGP MESSAGE-----\n",
    "openssl": lambda: b"Salted__\x01\x02",
    "gpg, by a passphrase": lambda: encrypted(DUMP),
    "gpg, by a passphrase without salt": lambda: encrypted(DUMP, "--s2k-mode=0"),
    "gpg, to an RSA key": lambda: b"\x85\x01\x0c\x03\x01\x02",
    "gpg, to a key of Curve25519": lambda: b"\x84\x5e\x03\x01\x02",
    "Sequoia, to an RSA key": lambda: b"\xc1\xc0\x4c\x03\x01\x02",
    "Sequoia, by a passphrase": lambda: b"\xc3\x2e\x04\x09\x03",
}


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_elsewhere_what_begins_like_a_dump_or_an_archive_counts(root: Path, beginning: str) -> None:
    assert found(root, BEGINNINGS[beginning](), "var/lib/a b/x.sql.gz.enc")


@pytest.mark.parametrize(
    "content", [b"", b"2026-11-22T10:15:03Z\n", b"\n==> x <==\n", b"SQLite format 3\0", b'{"a": 1}\n', b"x" + DUMP]
)
def test_elsewhere_a_stamp_a_lock_or_a_cache_does_not(root: Path, content: bytes) -> None:
    assert not found(root, content, "var/lib/a/x")


def test_the_home_of_the_server_counts_and_its_cluster_does_not(root: Path) -> None:
    """The home is where a unit's temporary files lie, if it asks for `$HOME`."""
    home = "var/lib/postgresql"
    assert found(root, gzip.compress(b""), f"{home}/db1.sql.gz")
    assert found(root, gzip.compress(b""), f"{home}/15/main/db1.sql.gz")
    for cluster in (f"{home}/15/main", f"{home}/16"):
        assert not found(root, gzip.compress(b""), f"{cluster}/base/5/1259")
        assert not found(root, gzip.compress(b""), f"{cluster}/pg_wal/000000010000000000000001")


def test_what_the_system_writes_does_not_count(root: Path) -> None:
    assert not found(root, gzip.compress(b""), "var/log/syslog.1.gz")


@pytest.mark.parametrize("name", ["var/cache/x", "root/.cache/tool/x"])
def test_a_repositorys_cache_does_not_count(root: Path, name: str) -> None:
    assert not found(root, gzip.compress(b""), name, caches=False)
    assert found(root, gzip.compress(b""), name)


def test_the_servers_shared_memory_is_no_file_of_a_run(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_SERVERS", f"{root}/tmp/PostgreSQL.")
    assert not found(root, b"x", "tmp/PostgreSQL.12")


def test_another_user_is_asked_what_it_can_read(root: Path) -> None:
    here = Here()
    Places(cast("Machine", here), ()).files(user="nobody")
    assert [command.count("-readable") for command in here.asked] == [1, 1]
    assert str(root) in here.asked[1]


def test_of_an_empty_file_there_is_nothing_to_read(tmp_path: Path) -> None:
    lock, dump, gone = (str(tmp_path / name) for name in ("a lock", "dump", "gone"))
    (tmp_path / "a lock").touch()
    (tmp_path / "dump").write_bytes(DUMP)
    machine = cast("Machine", Here())
    assert without_empty(machine, frozenset({lock, dump, gone})) == {dump, gone}
    assert without_empty(machine, frozenset()) == frozenset()
