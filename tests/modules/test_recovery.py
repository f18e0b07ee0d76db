"""What a killed run left unfinished is finished after this run's archive, and never keeps that one away."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from harness.store.effect import Refuse, Stall
from harness.store.fault import Fault
from pg_archive import recovery
from pg_archive.configuration import Database, TargetOptions
from pg_archive.deadline import Deadline
from pg_archive.delivery import Delivery
from pg_archive.errors import DeadlinePassed, ProgramFailed
from pg_archive.keys import Keys
from pg_archive.passphrase import Passphrase
from pg_archive.rclone import Entry, Rclone
from pg_archive.recovery import Recovery, tidy
from pg_archive.targets import Target
from tests.modules.conftest import DIRECTORY, PASSPHRASE, Site, finished

if TYPE_CHECKING:
    from collections.abc import Callable

LEFT = f"{DIRECTORY}db1_20260102T000000Z.sql.gz.enc"
NAME = LEFT.removeprefix(DIRECTORY)


@pytest.fixture
def interrupted(site: Site) -> Site:
    """A site whose second store has an archive without manifest, after one that is finished."""
    for key, content in finished(1).items():
        site.pair.b.put(key, content)
    site.pair.b.put(LEFT, finished(2)[LEFT])
    site.configuration["timeout"] = 8
    return site


@pytest.mark.parametrize("kind", ["moto"])
@pytest.mark.parametrize("effect", [Refuse(403), Refuse(404), Refuse(500), Stall(60)], ids=str)
def test_one_that_cannot_be_downloaded(interrupted: Site, effect: Refuse | Stall) -> None:
    interrupted.pair.b.meet(Fault(effect, method="GET", key=LEFT))
    result = interrupted.backup()
    assert result.green, result
    assert f"{NAME} has no manifest and stays unfinished: download" in result.stdout
    assert len(interrupted.archives(interrupted.pair.b)) == 3
    assert f"{LEFT}.manifest" not in interrupted.names(interrupted.pair.b)
    interrupted.pair.b.heal()
    result = interrupted.backup()
    assert result.green, result
    assert f"{NAME}, which an earlier run left unfinished, is whole and now has its manifest" in result.stdout
    assert f"{LEFT}.manifest" in interrupted.names(interrupted.pair.b)


@pytest.mark.parametrize("kind", ["moto"])
def test_its_manifest_cannot_be_placed(interrupted: Site) -> None:
    interrupted.pair.b.meet(Fault(Refuse(403), method="PUT", key=f"{LEFT}.manifest"))
    result = interrupted.backup()
    assert result.green, result
    assert f"{NAME} has no manifest and stays unfinished: upload" in result.stdout
    interrupted.pair.b.heal()
    assert interrupted.backup().green
    assert f"{LEFT}.manifest" in interrupted.names(interrupted.pair.b)


@pytest.mark.parametrize("kind", ["moto"])
def test_parts_that_cannot_be_listed_in_time(interrupted: Site) -> None:
    interrupted.pair.b.meet(Fault(Stall(60), operation="ListMultipartUploads"))
    result = interrupted.backup()
    interrupted.pair.b.wait_until_met()
    assert result.green, result
    assert f"{LEFT}.manifest" in interrupted.names(interrupted.pair.b)


class Downloads(Rclone):
    """Says what it is told to download, and has none of it."""

    def __init__(self, deleting: Callable[[], None] = lambda: None) -> None:
        super().__init__(None)
        self.asked: list[str] = []
        self._deleting = deleting

    def download(self, remote: str, local: Path, deadline: Deadline) -> None:
        self.asked.append(remote.rpartition("/")[2])
        raise ProgramFailed("download", "no")

    def delete(self, remote: str, deadline: Deadline) -> None:
        self.asked.append(remote.rpartition("/")[2])
        raise ProgramFailed("delete", "it is refused")

    def abort_uploads(self, remote: str, deadline: Deadline) -> None:
        raise DeadlinePassed("abort uploads", "too late")


def delivery(rclone: Rclone) -> Delivery:
    return Delivery(Target("a", "a:b", "s3", TargetOptions(timeout=0.2)), Database("db1"), rclone, Deadline(0.2))


def archive(day: int, *, whole: bool = True) -> list[Entry]:
    name = f"db1_202601{day:02}T000000Z.sql.gz.enc"
    return [Entry(name, 1000), *([Entry(f"{name}.manifest", 100)] if whole else [])]


def looked_at(directory: Path, *entries: list[Entry]) -> set[str]:
    rclone = Downloads()
    there = [entry for each in entries for entry in each]
    Recovery(delivery(rclone), "db1", Keys(Passphrase(PASSPHRASE)), "host", directory / "new").run(there)
    assert not (directory / "new").exists()
    return set(rclone.asked)


@pytest.mark.parametrize(("after", "tried"), [(0, True), (2, True), (3, False)])
def test_until_three_runs_have_finished_theirs(tmp_path: Path, after: int, tried: bool) -> None:
    later = [archive(10 + day) for day in range(after)]
    assert looked_at(tmp_path, archive(1), archive(2, whole=False), *later) == ({NAME} if tried else set())


def test_a_disk_without_room_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is often PostgreSQL's own."""
    free = 2 * 1000 + (64 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free - 1))
    assert looked_at(tmp_path, archive(2, whole=False)) == set()
    assert (
        f"{NAME} has no manifest and stays unfinished: {tmp_path} has {free - 1} bytes free" in capfd.readouterr().out
    )
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert looked_at(tmp_path, archive(2, whole=False)) == {NAME}


def test_one_target_at_a_time(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with recovery._one_at_a_time:
        assert looked_at(tmp_path, archive(2, whole=False)) == set()
    assert f"{NAME} has no manifest and stays unfinished: another target's took all" in capfd.readouterr().out
    assert looked_at(tmp_path, archive(2, whole=False)) == {NAME}


def test_what_cannot_be_tidied_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    rclone = Downloads()
    tidy(delivery(rclone), [Entry(f"{NAME}.partial", 5), Entry("of-another-tool.partial", 5)], "db1")
    assert set(rclone.asked) == {f"{NAME}.partial"}
    said = capfd.readouterr().out
    assert f"{NAME}.partial, which an earlier run left half uploaded, cannot be deleted (delete: it is refused)" in said
