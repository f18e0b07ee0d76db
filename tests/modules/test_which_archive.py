"""Which archive ``pg-archive restore`` takes, from which store: all that is wrong with one is told."""

from __future__ import annotations

import gzip
import shutil
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from pg_archive.configuration import Configuration, Database, TargetOptions
from pg_archive.errors import CryptoError, PgArchiveError, Stopped, TargetError
from pg_archive.rclone import Rclone
from pg_archive.selection import Wish, retrieve
from pg_archive.source import Source, sources_of
from pg_archive.targets import Target
from tests.modules.operator import SQL, Operator, kind, operator, psql

if TYPE_CHECKING:
    from pathlib import Path

    from pg_archive.openpgp import Digest

__all__ = ["kind", "operator", "psql"]


def test_which_archive(operator: Operator) -> None:
    first = operator.put(operator.site.pair.a, 0, sql=SQL.replace(b"row 7", b"first"))
    operator.put(operator.site.pair.b, 1, sql=SQL.replace(b"row 7", b"second"))
    file = operator.site.directory / "dump"
    for arguments, content in (
        ((), b"second"),
        (("--at", "2026-11-22T12:59:59"), b"first"),
        (("--at", "2026-11-22T13:00:00+00:00"), b"second"),
        (("--at", "2026-11-22T14:59:59+02:00"), b"first"),
        (("--archive", first), b"first"),
        (("--target", "archive-target-database-backblaze"), b"first"),
    ):
        result = operator.command("restore", "db1", f"--to={file}", *arguments)
        assert result.green, result
        assert content in gzip.decompress(file.read_bytes()), arguments
        file.unlink()
    for arguments in (("--at", "2026-11-22T11:00"), ("--archive", first.replace("2026", "2025"))):
        result = operator.command("restore", "db1", *arguments)
        assert result.status == 9, result
    result = operator.command("restore", "db1", "--target=x")
    assert "there are archive-target-database-backblaze, archive-target-database-wasabi" in result.stderr


def test_db1_is_not_db10(operator: Operator) -> None:
    name = operator.put(operator.site.pair.a, 5, database="db10")
    for key in (name, f"{name}.manifest"):  # in the same directory
        operator.object(operator.site.pair.a, f"db1/{key}", operator.site.pair.a.fetch(f"databases/db10/{key}"))
    assert operator.command("restore", "db1").status == 9
    assert operator.databases() == set()


def test_another_store_serves_when_one_is_down(operator: Operator) -> None:
    operator.put_everywhere()
    operator.site.pair.a.stop()
    try:
        result = operator.command("restore", "db1")
    finally:
        operator.site.pair.a.restart()
    assert result.green, result
    assert "target archive-target-database-backblaze (archive-backblaze:bucket1/databases): list: " in result.stderr
    assert "could not be asked and may have another, newer archive" in result.stderr
    assert operator.count("db1") == 20


def test_all_stores_down(operator: Operator) -> None:
    for store in operator.site.stores:
        store.stop()
    result = operator.command("restore", "db1")
    for store in operator.site.stores:
        store.restart()
    assert result.status == 6
    assert "no target can be listed" in result.stderr


@pytest.mark.parametrize(("which", "at"), [("archive", 60), ("manifest", 5), ("manifest", -30)])
def test_a_damaged_copy_is_not_used(operator: Operator, which: str, at: int) -> None:
    name = operator.put_everywhere()
    operator.damage(operator.site.pair.a, name if which == "archive" else f"{name}.manifest", at)
    result = operator.command("restore", "db1", "--target=archive-target-database-backblaze")
    assert result.status == 6, result
    assert f"no copy of {name} can be used" in result.stderr
    assert operator.databases() == set()
    result = operator.command("restore", "db1")
    assert result.green, result
    assert "target archive-target-database-backblaze" in result.stderr
    assert operator.count("db1") == 20


def test_only_when_told_an_older_one(operator: Operator) -> None:
    older = operator.put_everywhere(0)
    newest = operator.put_everywhere(1, sql=SQL.replace(b"row 7", b"newer"))
    for store in operator.site.stores:
        operator.damage(store, newest)
    result = operator.command("restore", "db1")
    assert result.status == 6, result
    assert "--or-older takes the one before" in result.stderr
    assert operator.databases() == set()
    result = operator.command("restore", "db1", "--or-older")
    assert result.green, result
    assert f"{newest} cannot be used; this is the older {older}" in result.stderr
    assert operator.psql.run("SELECT b FROM t WHERE a = 7", "db1") == "row 7 \n"


@pytest.mark.parametrize("unusable", ["damaged", "unfinished"])
def test_an_older_one_than_a_named_one(operator: Operator, unusable: str) -> None:
    older, named, newest = (operator.put_everywhere(hour) for hour in range(3))
    for store in operator.site.stores:
        if unusable == "damaged":
            operator.damage(store, named)
        else:
            operator.remove(store, f"{named}.manifest")
    file = operator.site.directory / "dump"
    if unusable == "damaged":
        result = operator.command("restore", "db1", f"--to={file}", "--archive", named)
        assert "--or-older takes the one before" in result.stderr
    result = operator.command("restore", "db1", f"--to={file}", "--archive", named, "--or-older")
    assert result.green, result
    assert f"{named} cannot be used; this is the older {older}" in result.stderr
    assert newest not in str(result)
    file.unlink()
    result = operator.command(
        "restore", "db1", f"--to={file}", "--archive", named.replace("2026", "2027"), "--or-older"
    )
    assert result.status == 9, "a name that is mistyped means none"


def test_a_truncated_archive(operator: Operator) -> None:
    name = operator.put(operator.site.pair.a)
    content = operator.site.pair.a.fetch(f"databases/db1/{name}")
    operator.object(operator.site.pair.a, f"db1/{name}", content[:-100])
    result = operator.command("restore", "db1")
    assert result.status == 6
    assert f"{name} has {len(content) - 100} bytes there, of {len(content)} that were uploaded" in result.stderr
    assert "there is no older one" in result.stderr


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (CryptoError("decryption", "gpg was killed by signal 9"), "target a: decrypt .*: gpg was killed by signal 9"),
        (Stopped("stopped", "by SIGTERM"), "stopped: by SIGTERM"),
    ],
    ids=["killed", "stopped"],
)
@pytest.mark.parametrize("kind", ["moto"])
def test_what_opened_the_manifest_may_fail_on_the_archive(
    tmp_path: Path, error: PgArchiveError, told: str, kind: str
) -> None:
    """The next copy is tried then, unless the program is ending."""

    def decrypt(*_: object) -> Digest:
        raise error

    keys: Any = SimpleNamespace(decrypt=decrypt)
    manifest: Any = SimpleNamespace(archive="db1_20261122T120000Z.sql.gz.enc")
    source = Source(Target("a", "a:bucket", "s3", TargetOptions()), Database("db1"), Rclone(None), keys)
    with pytest.raises(Stopped if isinstance(error, Stopped) else TargetError, match=told):
        source.decrypt(manifest, tmp_path / "archive", tmp_path / "dump")


def test_an_archive_without_manifest_is_passed_over_and_said(operator: Operator) -> None:
    older = operator.put_everywhere(0)
    newest = operator.put(operator.site.pair.a, 1)
    operator.remove(operator.site.pair.a, f"{newest}.manifest")
    result = operator.command("restore", "db1")
    assert result.green, result
    assert f"{newest} has no manifest" in result.stderr
    assert older in result.stdout


def test_an_archive_from_the_future_is_said(operator: Operator) -> None:
    """It passes for the newest, though its host's clock was wrong."""
    operator.put_everywhere(0)
    name = operator.put_everywhere(24 * 365 * 50)
    for arguments in (("list",), ("restore", "--to", str(operator.site.directory / "dump"))):
        result = operator.command(arguments[0], "db1", *arguments[1:])
        assert result.green, result
        assert f"{name} is dated in the future" in result.stderr


@pytest.mark.parametrize("swap", ["renamed", "other database"])
def test_renamed_and_swapped(operator: Operator, swap: str) -> None:
    a = operator.site.pair.a
    if swap == "renamed":  # an old archive as the newest
        source, name = "db1", operator.put(a, 0)
        target = name.replace("T12", "T13")
    else:
        source, name = "db2", operator.put(a, 0, database="db2")
        target = name.replace("db2", "db1")
    for suffix in ("", ".manifest"):
        operator.object(a, f"db1/{target}{suffix}", a.fetch(f"databases/{source}/{name}{suffix}"))
    if swap == "renamed":
        operator.remove(a, name)
        operator.remove(a, f"{name}.manifest")
    result = operator.command("restore", "db1")
    assert result.status == 6, result
    assert f"it is of {name}, of database {source}: somebody renamed or swapped files" in result.stderr
    assert operator.databases() == set()


def test_another_database_s_archive_under_a_true_manifest(operator: Operator) -> None:
    a = operator.site.pair.a
    name, other = operator.put(a), operator.put(a, database="db2", sql=SQL.replace(b"row 7", b"row 8"))
    assert len(a.fetch(f"databases/db2/{other}")) == len(a.fetch(f"databases/db1/{name}"))
    operator.object(a, f"db1/{name}", a.fetch(f"databases/db2/{other}"))
    result = operator.command("restore", "db1")
    assert result.status == 6, result
    assert "other bytes arrived" in result.stderr


def test_a_damaged_copy_takes_no_room_from_the_good_one(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a disk that has room for one archive and its dump."""
    name = operator.put_everywhere()
    operator.damage(operator.site.pair.a, name, 60)
    operator.command("list", "db1")  # writes the configuration
    configuration = Configuration.load(operator.site.directory / "config.json")
    for variable, value in operator.site.environment.items():
        monkeypatch.setenv(variable, value)
    sources = sources_of(configuration, configuration.database("db1"), None)
    size = max(found.size for found in operator.site.stores[0].objects()) + len(gzip.compress(SQL, 0, mtime=0))

    def usage(directory: Path) -> SimpleNamespace:
        return SimpleNamespace(free=size - sum(path.stat().st_size for path in directory.iterdir()))

    monkeypatch.setattr(shutil, "disk_usage", usage)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    retrieved = retrieve(sources, Wish(), scratch)
    assert str(retrieved.source) == "archive-target-database-wasabi"
    assert gzip.decompress(retrieved.dump.read_bytes()) == SQL
    downloads = [seen for seen in operator.site.pair.a.requests() if seen.method == "GET" and seen.key.endswith(name)]
    assert len(downloads) == 2, "what is damaged there is not downloaded without end"
