"""What a target lacks waits for it, within bounds; the next run delivers it, and its own archive before that."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from harness.store.effect import Refuse, Stall
from harness.store.fault import Fault
from pg_archive import openpgp
from pg_archive import spool as spool_module
from pg_archive.configuration import Configuration, Spool
from pg_archive.deadline import Deadline
from pg_archive.delivery import LocalFile
from pg_archive.names import ArchiveName
from pg_archive.passphrase import Passphrase
from pg_archive.reader import Reader
from pg_archive.spool import SpoolDirectory
from tests.modules.conftest import DIRECTORY, PASSPHRASE, Site, content_of, decrypted, dump_text, finished

WASABI = "archive-target-database-wasabi"

pytestmark = pytest.mark.parametrize("kind", ["moto"])


@pytest.fixture
def spooling(site: Site) -> Site:
    directory = site.directory / "spool"
    directory.mkdir(mode=0o700)
    site.configuration["spool"] = {"directory": str(directory), "files": 2, "bytes": 10_000}
    site.configuration["timeout"] = 8
    return site


def waiting(site: Site) -> list[str]:
    return sorted(path.parent.name for path in (site.directory / "spool").glob("db1/*/waiting.json"))


def names(site: Site) -> tuple[list[str], list[str]]:
    return tuple([key.rpartition("/")[2] for key in site.archives(store)] for store in site.stores)  # type: ignore[return-value]


def let_wait(site: Site, day: int, target: str = WASABI) -> tuple[str, str]:
    """Let :func:`finished`'s archive of that day wait for a target; return both its keys."""
    archive, manifest = finished(day)
    name = ArchiveName.parse(archive.removeprefix(DIRECTORY), "db1")
    assert name is not None
    paths = [site.directory / key.rpartition("/")[2] for key in (archive, manifest)]
    for path, content in zip(paths, finished(day).values(), strict=True):
        path.write_bytes(content)
    first, second = map(LocalFile.of, paths)
    SpoolDirectory(Spool(site.directory / "spool", 24, 1_000_000), "db1").keep(name, first, second, {target})
    return archive, manifest


def test_the_next_run_delivers_it(spooling: Site) -> None:
    spooling.pair.b.meet(Fault(Refuse(403), method="PUT"))
    red = spooling.backup(dump_text(rows=5))
    assert red.status == 6
    assert "for the next run" in red.stdout
    a, b = names(spooling)
    assert (a, b, waiting(spooling)) == (a[:1], [], a)
    assert spooling.left() == set()

    spooling.pair.b.heal()
    green = spooling.backup(dump_text(rows=6))
    assert green.green, green
    a, b = names(spooling)
    assert a == b
    assert [content_of(spooling.pair.b.fetch(key)) for key in spooling.archives(spooling.pair.b)] == [
        dump_text(rows=5),
        dump_text(rows=6),
    ]
    assert len(spooling.names(spooling.pair.b)) == 4
    assert list((spooling.directory / "spool/db1").iterdir()) == []


def test_it_is_bounded_and_the_newest_stay(spooling: Site) -> None:
    spooling.pair.b.meet(Fault(Refuse(403), method="PUT"))
    for _ in range(3):
        assert spooling.backup().status == 6
    assert waiting(spooling) == names(spooling)[0][1:]
    spooling.configuration["spool"]["bytes"] = 100
    result = spooling.backup()
    assert "larger than the spool" in result.stdout
    half = spooling.directory / "spool/db1/db1_20260101T000000Z.sql.gz.enc"
    half.mkdir()
    (half / "archive").write_bytes(b"half, since the power was cut")
    spooling.pair.b.heal()
    assert spooling.backup().green
    assert waiting(spooling) == []
    assert not half.exists()
    a, b = names(spooling)
    assert len(a) == 5
    assert b == [a[1], a[2], a[4]]


def test_what_waits_for_another_target_holds_up_nothing(spooling: Site) -> None:
    spooling.pair.b.meet(Fault(Refuse(403), method="PUT"))
    assert spooling.backup().status == 6
    spooling.pair.a.meet(Fault(Refuse(403), method="PUT"))
    assert spooling.backup().status == 6
    spooling.pair.a.heal()
    assert spooling.backup().status == 6
    assert [len(found) for found in names(spooling)] == [3, 0]


def test_a_target_that_is_gone_is_waited_for_no_longer(spooling: Site) -> None:
    spooling.pair.b.meet(Fault(Refuse(403), method="PUT"))
    assert spooling.backup().status == 6
    (name,) = waiting(spooling)
    spooling.configuration["remote"] = "archive-target-database-backblaze"
    result = spooling.backup()
    assert result.green, result
    assert f"{name} waits no longer for {WASABI}" in result.stderr
    assert waiting(spooling) == []


def test_a_run_by_hand_to_one_store_leaves_what_waits_for_the_others(spooling: Site) -> None:
    archive, _ = let_wait(spooling, 1)
    spooling.begin()
    spooling.new_dump()
    result = spooling.command("run", "db1", "--remote=archive-target-database-backblaze")
    assert result.green, result
    assert waiting(spooling) == [archive.removeprefix(DIRECTORY)]


def test_a_spool_that_cannot_be_used_costs_no_archive(spooling: Site) -> None:
    spooling.configuration["spool"]["directory"] = "/proc/nowhere"
    result = spooling.backup()
    assert result.green, result
    assert "this run does without" in result.stderr


def test_a_manifest_that_waited_is_not_written_twice(spooling: Site) -> None:
    spooling.pair.b.meet(Fault(Refuse(403), method="PUT", key="*.manifest"))
    assert spooling.backup().status == 6
    (manifest,) = (spooling.directory / "spool").glob("db1/*/manifest")
    kept = manifest.read_bytes()
    spooling.pair.b.heal()
    result = spooling.backup()
    assert result.green, result
    first = min(key for key in spooling.names(spooling.pair.b) if key.endswith(".manifest"))
    assert spooling.pair.b.fetch(first) == kept
    assert "left unfinished" not in result.stdout


def test_what_a_target_has_is_not_removed_from_it(spooling: Site) -> None:
    """A run was killed after the delivery and before its note."""
    spooling.pair.b.meet(Fault(Refuse(403), method="PUT"))
    assert spooling.backup().status == 6
    (directory,) = (spooling.directory / "spool/db1").iterdir()
    before = {
        f"{DIRECTORY}{directory.name}": (directory / "archive").read_bytes(),
        f"{DIRECTORY}{directory.name}.manifest": (directory / "manifest").read_bytes(),
    }
    for key, content in before.items():
        spooling.pair.b.put(key, content)
    spooling.pair.b.heal()
    spooling.pair.b.meet(Fault(Refuse(503), method="GET", key="*.enc"))
    assert spooling.backup().status == 6
    assert {key: spooling.pair.b.fetch(key) for key in spooling.names(spooling.pair.b) if key in before} == before


def test_what_was_deleted_from_the_spool_holds_up_nothing(spooling: Site) -> None:
    spooling.pair.b.meet(Fault(Refuse(403), method="PUT"))
    assert spooling.backup().status == 6
    (archive,) = (spooling.directory / "spool").glob("db1/*/archive")
    archive.unlink()
    spooling.pair.b.heal()
    result = spooling.backup()
    assert result.green, result
    assert len(spooling.archives(spooling.pair.b)) == 1


def keep(directory: SpoolDirectory, aside: Path, second: int, size: int) -> str:
    content = b"x" * size
    archive, manifest = (LocalFile(aside / name, openpgp.digest(content)) for name in ("archive", "manifest"))
    for file in (archive, manifest):
        file.path.write_bytes(content)
    return directory.keep(an_archive(second), archive, manifest, {"a"})


def an_archive(second: int) -> ArchiveName:
    return ArchiveName("db1", datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC), "")


def test_nothing_gives_way_to_what_does_not_fit(tmp_path: Path, kind: str) -> None:
    spool = Spool(tmp_path / "spool", files=5, size=10)
    other = tmp_path / "spool/other/other_20260101T000000Z.sql.enc"
    other.mkdir(parents=True)
    (other / "archive").write_bytes(b"6 byte")
    directory = SpoolDirectory(spool, "db1")
    assert "waits" in keep(directory, tmp_path, 1, 3)
    assert "fill the spool" in keep(directory, tmp_path, 2, 5)
    assert len(directory.waiting) == 1
    assert "1 older gave way" in keep(directory, tmp_path, 3, 4)


def test_what_is_left_of_a_database_that_is_configured_no_longer_is_named(tmp_path: Path, kind: str) -> None:
    """No run delivers it, so that it takes the others' room without end. It is the operator's to remove."""
    spool = Spool(tmp_path / "spool", files=5, size=10, databases=frozenset(("db1", "other")))
    for database in ("other", "former"):
        for day, size in ((1, 1), (2, 2)):
            waiting = spool.directory / database / f"{database}_2026010{day}T000000Z.sql.enc"
            waiting.mkdir(parents=True)
            (waiting / "archive").write_bytes(b"x" * size)
    former = spool.directory / "former"
    told = f" {former} takes 3 bytes, and its database is not configured: remove it if nobody needs it."
    directory = SpoolDirectory(spool, "db1")
    said = keep(directory, tmp_path, 1, 5)
    assert said == f"Other databases' archives fill the spool, so that it does not wait for them.{told}"
    assert keep(directory, tmp_path, 1, 4).endswith("for the next run.")
    assert keep(directory, tmp_path, 2, 4).endswith(f"; 1 older gave way.{told}")
    assert len(list(spool.directory.glob("former/*/archive"))) == 2


def test_which_databases_are_configured_is_in_the_configuration(tmp_path: Path, kind: str) -> None:
    document = {"spool": {"directory": "/spool", "files": 1, "bytes": 1}, "databases": {"db1": {}, "other": {}}}
    found = Configuration.read(Reader("config:", document)).spool
    assert found is not None
    assert found.databases == {"db1", "other"}


def test_what_fits_exactly_waits(tmp_path: Path, kind: str) -> None:
    spool = Spool(tmp_path / "spool", files=5, size=10)
    spool.directory.mkdir()
    directory = SpoolDirectory(spool, "db1")
    assert keep(directory, tmp_path, 1, 11) == "It is larger than the spool (10 bytes) and does not wait for them."
    assert "waits" in keep(directory, tmp_path, 2, 10)
    (waiting,) = directory.waiting
    assert stat.S_IMODE(waiting.directory.stat().st_mode) == 0o700


def test_the_spool_is_on_another_file_system(tmp_path: Path, kind: str) -> None:
    with TemporaryDirectory(dir="/dev/shm") as other:
        elsewhere = Path(other)
        if elsewhere.stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("/dev/shm is no other file system")
        spool = Spool(tmp_path / "spool", files=5, size=10)
        spool.directory.mkdir()
        assert "waits" in keep(SpoolDirectory(spool, "db1"), elsewhere, 1, 3)
        assert list(elsewhere.iterdir()) == [], "the disk of the run is filled by what it has moved"
    (waiting,) = SpoolDirectory(spool, "db1").waiting
    assert waiting.archive.path.read_bytes() == b"xxx"
    assert stat.S_IMODE(waiting.archive.path.stat().st_mode) == 0o600


def test_a_database_that_does_not_come_to_an_end_is_waited_for_a_while(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "_PATIENCE", 0.2)
    (tmp_path / "spool").mkdir()
    directory = SpoolDirectory(Spool(tmp_path / "spool", files=5, size=100), "db1")
    held = os.open(tmp_path / "spool", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    try:
        with pytest.raises(TimeoutError, match="another database keeps the spool locked"):
            keep(directory, tmp_path, 1, 4)
    finally:
        os.close(held)
    keep(directory, tmp_path, 1, 4)


def test_databases_that_come_at_one_time_keep_to_the_bound(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path / "spool", files=5, size=10)
    spool.directory.mkdir()
    used = SpoolDirectory._used

    def slowly(self: SpoolDirectory) -> int:
        found = used(self)
        time.sleep(0.05)
        return found

    monkeypatch.setattr(SpoolDirectory, "_used", slowly)

    def one(database: str) -> str:
        aside = tmp_path / database
        aside.mkdir()
        return keep(SpoolDirectory(spool, database), aside, 1, 4)

    with ThreadPoolExecutor(3) as pool:
        said = list(pool.map(one, ("db1", "db2", "db3")))
    assert sum("fill the spool" in each for each in said) == 1, said
    assert len(list(spool.directory.glob("*/*/archive"))) == 2


def test_what_another_database_drops_meanwhile_is_not_counted(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "spool").mkdir()
    directory = SpoolDirectory(Spool(tmp_path / "spool", files=5, size=10), "db1")
    monkeypatch.setattr(Path, "glob", lambda self, _: iter([self / "other/dropped/archive"]))
    assert "waits" in keep(directory, tmp_path, 1, 3)


def test_what_waits_does_not_take_the_time_of_this_run(spooling: Site) -> None:
    """Its upload does not end within the target's time: this run's archive would be the next to wait, without end."""
    spooling.configuration["timeout"] = 5
    archive, manifest = let_wait(spooling, 1)
    spooling.pair.b.meet(Fault(Stall(60), method="PUT", key=archive))
    result = spooling.backup()
    assert result.green, result
    assert f"target {WASABI}" in result.stderr
    assert archive.removeprefix(DIRECTORY) in result.stderr
    assert waiting(spooling) == [archive.removeprefix(DIRECTORY)]
    assert len(spooling.archives(spooling.pair.b)) == 1
    spooling.pair.b.heal()
    assert spooling.backup().green
    assert {archive, manifest} <= set(spooling.names(spooling.pair.b))
    assert waiting(spooling) == []


def test_a_name_that_is_taken_keeps_no_other_archive_back(spooling: Site) -> None:
    taken, _ = let_wait(spooling, 1)
    archive, manifest = let_wait(spooling, 2)
    spooling.pair.b.put(taken, b"another host's" * 100)
    result = spooling.backup()
    assert result.green, result
    assert f"{taken.removeprefix(DIRECTORY)} is not what this run uploaded" in result.stderr
    assert waiting(spooling) == [taken.removeprefix(DIRECTORY)]
    assert {archive, manifest} <= set(spooling.names(spooling.pair.b))
    assert len(spooling.archives(spooling.pair.b)) == 3
    assert spooling.pair.b.fetch(taken) == b"another host's" * 100


def test_what_was_finished_by_another_manifest_waits_no_longer(spooling: Site) -> None:
    """A run that could not open the spool found the archive without its manifest, and made one."""
    archive, manifest = let_wait(spooling, 1)
    other = openpgp.encrypt_bytes(decrypted(finished(1)[manifest]), Passphrase(PASSPHRASE), Deadline(30))
    spooling.pair.b.put(archive, finished(1)[archive])
    spooling.pair.b.put(manifest, other)
    result = spooling.backup()
    assert result.green, result
    assert waiting(spooling) == []
    assert spooling.pair.b.fetch(manifest) == other


def test_what_is_damaged_while_it_waits_keeps_no_other_archive_back(spooling: Site) -> None:
    archive, _ = let_wait(spooling, 1)
    (file,) = (spooling.directory / "spool").glob("db1/*/archive")
    file.write_bytes(b"x" * file.stat().st_size)
    result = spooling.backup()
    assert result.green, result
    assert f"{file} is damaged" in result.stderr
    assert len(spooling.archives(spooling.pair.b)) == 1
    assert archive not in spooling.names(spooling.pair.b)


def test_a_stray_file_does_not_close_the_spool(spooling: Site) -> None:
    archive, _ = let_wait(spooling, 1)
    file, directory = (spooling.directory / "spool/db1" / name for name in (str(an_archive(9)), "notes"))
    file.write_bytes(b"")
    directory.mkdir()
    result = spooling.backup()
    assert result.green, result
    assert archive in spooling.names(spooling.pair.b)
    assert file.is_file()
    assert directory.is_dir()


def test_all_of_it_is_flushed_before_it_counts(spooling: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a power cut leaves a list that vouches for files of another size, and the archive is removed."""
    flushed: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda file: flushed.append(Path(f"/proc/self/fd/{file}").readlink().name))
    let_wait(spooling, 1)
    assert {"archive", "manifest"} <= set(flushed[: flushed.index("waiting.json.new")])


def test_what_is_half_made_is_removed_and_said(spooling: Site, capfd: pytest.CaptureFixture[str]) -> None:
    let_wait(spooling, 1)
    (directory,) = (spooling.directory / "spool" / "db1").iterdir()
    (directory / "manifest").write_bytes(b"")
    assert SpoolDirectory(Spool(spooling.directory / "spool", 24, 1_000_000), "db1").waiting == []
    assert not directory.exists()
    said = capfd.readouterr().err
    assert f"{directory} is removed: " in said
    assert "manifest" in said


@pytest.mark.parametrize("before", [1, 2])
def test_the_last_one_stays_until_the_new_one_is_there(
    spooling: Site, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    """The spool may be a file system of its own, which is full: of more, the oldest makes room before."""

    def full(*_: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for day in range(1, 1 + before):
        let_wait(spooling, day)
    old = waiting(spooling)
    archive, _ = finished(3)
    name = ArchiveName.parse(archive.removeprefix(DIRECTORY), "db1")
    assert name is not None
    file = spooling.directory / "new"
    file.write_bytes(b"ciphertext")
    spool = SpoolDirectory(Spool(spooling.directory / "spool", before, 1_000_000), "db1")
    monkeypatch.setattr(spool_module, "_move", full)
    with pytest.raises(OSError, match="No space left"):
        spool.keep(name, LocalFile.of(file), LocalFile.of(file), {WASABI})
    assert waiting(spooling) == old[-1:]
    assert [path.name for path in (spooling.directory / "spool" / "db1").iterdir()] == old[-1:]
