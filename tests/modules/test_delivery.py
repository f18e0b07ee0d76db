"""How long a target that refuses everything is tried, and how large files are uploaded."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pg_archive import process
from pg_archive.configuration import Database, TargetOptions
from pg_archive.deadline import Deadline
from pg_archive.delivery import Delivery, LocalFile
from pg_archive.errors import ProgramFailed, TargetError
from pg_archive.openpgp import Digest
from pg_archive.rclone import Entry, Rclone
from pg_archive.targets import Target

if TYPE_CHECKING:
    from collections.abc import Mapping


class Refused(Rclone):
    def files(self, directory: str, deadline: Deadline, *, missing: bool = True) -> list[Entry]:
        raise ProgramFailed("list", "no")


@pytest.mark.parametrize(
    ("timeout", "pauses"), [(1800, [0.5, 2, 5, 15]), (86400, [0.5, 2, 5, 15]), (30, [0.01, 0.05, 0.25, 1])]
)
def test_the_pauses(monkeypatch: pytest.MonkeyPatch, timeout: float, pauses: list[float]) -> None:
    waited: list[float] = []
    monkeypatch.setattr(process.stopping, "wait", waited.append)
    target = Target("a", "a:bucket", "s3", TargetOptions(timeout=timeout))
    with pytest.raises(TargetError, match="target a: list: list: no"):
        Delivery(target, Database("db1"), Refused(None), Deadline(86400)).files()
    assert waited == pytest.approx(pauses)


class Renamed(Rclone):
    """Says that it uploads and renames, and lists what it is given."""

    def __init__(self, listed: list[Entry]) -> None:
        super().__init__(None)
        self._listed = listed

    def upload(self, local: Path, remote: str, deadline: Deadline, options: Mapping[str, str] | None = None) -> None:
        pass

    def sha256(self, remote: str, deadline: Deadline) -> str:
        return "digest"

    def move(self, source: str, destination: str, deadline: Deadline) -> None:
        pass

    def files(self, directory: str, deadline: Deadline, *, missing: bool = True) -> list[Entry]:
        return self._listed


@pytest.mark.parametrize(
    "listed",
    [
        [Entry("name.partial", 5)],
        [Entry("name", 5), Entry("name.partial", 5)],
        [Entry("name", 4)],
        [],
    ],
    ids=["not renamed", "copied", "another's", "gone"],
)
def test_a_name_that_did_not_change(listed: list[Entry]) -> None:
    target = Target("disk", "disk:", "sftp", TargetOptions(timeout=1))
    delivery = Delivery(target, Database("db1"), Renamed(listed), Deadline(60))
    with pytest.raises(TargetError, match=r"name\.partial did not become name"):
        delivery._place(LocalFile(Path("/absent"), Digest(5, "digest")), "name")


class Disk(Rclone):
    """A directory of this host, and what was done to it and flushed, in order."""

    def __init__(self) -> None:
        super().__init__(None)
        self.done: list[str] = []

    def upload(self, local: Path, remote: str, deadline: Deadline, options: Mapping[str, str] | None = None) -> None:
        shutil.copyfile(local, remote.removeprefix("disk:"))
        self.done.append(f"write {Path(remote).name}")

    def sha256(self, remote: str, deadline: Deadline) -> str:
        return LocalFile.of(Path(remote.removeprefix("disk:"))).digest.sha256

    def move(self, source: str, destination: str, deadline: Deadline) -> None:
        Path(source.removeprefix("disk:")).rename(destination.removeprefix("disk:"))
        self.done.append(f"rename to {Path(destination).name}")

    def files(self, directory: str, deadline: Deadline, *, missing: bool = True) -> list[Entry]:
        return [Entry(path.name, path.stat().st_size) for path in Path(directory.removeprefix("disk:")).iterdir()]

    def fsync(self, file: int) -> None:
        self.done.append(f"flush {Path(f'/proc/self/fd/{file}').readlink().name}")


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    (tmp_path / "db1").mkdir()
    (tmp_path / "file").write_bytes(b"content")
    disk = Disk()
    monkeypatch.setattr(os, "fsync", disk.fsync)
    return disk


@pytest.mark.parametrize("remote", ["{}", "disk:{}"])
def test_a_disk_is_flushed_before_the_manifest_is_written(disk: Disk, tmp_path: Path, remote: str) -> None:
    target = Target("disk", remote.format(tmp_path), "local", TargetOptions())
    delivery = Delivery(target, Database("db1"), disk, Deadline(60))
    for name in ("archive", "manifest"):
        delivery.place(LocalFile.of(tmp_path / "file"), name)
    assert disk.done == [
        step
        for name in ("archive", "manifest")
        for step in (f"write {name}.partial", f"flush {name}.partial", f"rename to {name}", "flush db1")
    ]


def test_a_disk_that_cannot_be_flushed_is_not_asked_twice(
    disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second time, the kernel knows nothing of what it could not write."""

    def fsync(file: int) -> None:
        asked.append(file)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    asked: list[int] = []
    monkeypatch.setattr(os, "fsync", fsync)
    delivery = Delivery(Target("disk", str(tmp_path), "local", TargetOptions()), Database("db1"), disk, Deadline(60))
    with pytest.raises(OSError, match=r"Input/output error: '.*/db1/archive\.partial'"):
        delivery.place(LocalFile.of(tmp_path / "file"), "archive")
    assert len(asked) == 1
    assert [path.name for path in (tmp_path / "db1").iterdir()] == ["archive.partial"]


class Told(Rclone):
    """Uploads nothing, and is content."""

    def upload(self, local: Path, remote: str, deadline: Deadline, options: Mapping[str, str] | None = None) -> None:
        self.options = dict(options or {})

    def sha256(self, remote: str, deadline: Deadline) -> str:
        self.asked = "download"
        return "digest"

    def checksum(self, kind: str, remote: str, deadline: Deadline) -> str:
        self.asked = "checksum"
        return "digest"


@pytest.mark.parametrize(
    ("kind", "verify", "size", "options", "asked"),
    [
        ("s3", "download", 100 << 20, {}, "download"),
        ("s3", "download", 200 << 20, {"upload_cutoff": "209715200B", "disable_checksum": "true"}, "download"),
        ("s3", "checksum", 200 << 20, {"upload_cutoff": "5G"}, "checksum"),  # in parts no store has a digest of it
        ("s3", "checksum", 5 << 30, {"upload_cutoff": "209715200B", "disable_checksum": "true"}, "download"),
        ("local", "download", 5 << 30, {}, "download"),
        ("local", "checksum", 5 << 30, {}, "checksum"),
        ("google cloud storage", "checksum", 5 << 30, {}, "checksum"),
        ("b2", "checksum", 5 << 30, {}, "download"),  # there the digest is a note of rclone's own
        ("azureblob", "checksum", 5 << 30, {}, "download"),
        ("sftp", "checksum", 1 << 20, {}, "download"),
    ],
)
def test_in_one_piece_or_in_parts_and_how_it_is_verified(
    kind: str, verify: str, size: int, options: dict[str, str], asked: str
) -> None:
    rclone = Told(None)
    delivery = Delivery(Target("a", "a:bucket", kind, TargetOptions(verify)), Database("db1"), rclone, Deadline(60))
    delivery._upload(LocalFile(Path("/absent"), Digest(size, "digest")), "name")
    assert (rclone.options, rclone.asked) == (options, asked)
