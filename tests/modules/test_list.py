"""``pg-archive list``: what can be restored, and what cannot, with why."""

from __future__ import annotations

import time

import pytest

from harness.store.effect import Refuse
from harness.store.fault import Fault
from pg_archive.commands.list import age
from pg_archive.configuration import Database, TargetOptions
from pg_archive.deadline import Deadline
from pg_archive.errors import ProgramFailed, TargetError
from pg_archive.holdings import Holdings
from pg_archive.keys import Keys
from pg_archive.names import ArchiveName
from pg_archive.rclone import Entry, Rclone
from pg_archive.source import Inventory, Source
from pg_archive.targets import Target
from tests.modules.operator import NOON, Operator, as_json, kind, operator, psql

__all__ = ["kind", "operator", "psql"]

A, B = "archive-target-database-backblaze", "archive-target-database-wasabi"


def test_newest_first_with_where_it_is(operator: Operator) -> None:
    old, new = operator.put_everywhere(0), operator.put(operator.site.pair.b, 1)
    found = as_json(operator.blank("list", "db1", "--json"))
    assert [(entry["archive"], entry["targets"]) for entry in found["archives"]] == [(new, [B]), (old, [A, B])]
    assert found["archives"][1]["rows"] == 20
    assert found["archives"][1]["time"] == "2026-11-22T12:00:00+00:00"
    assert found["apart"] == []
    result = operator.blank("list", "db1", f"--target={A}")
    assert result.green, result
    assert result.stderr == ""
    header, line = result.stdout.splitlines()
    assert header.split() == ["ARCHIVE", "AGE", "SIZE", "DUMP", "HOST", "TARGETS"]
    assert line.startswith(f"{old}  ")
    assert header.index("TARGETS") == line.index(A), "the columns are not below each other"
    assert line.endswith(f"  shop1  {A}")


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (7200, "2 h"), (172800, "2 d")]
)
def test_an_age_as_people_say_it(seconds: float, said: str) -> None:
    assert age(seconds) == said


def test_what_is_not_usable_comes_apart(operator: Operator) -> None:
    a = operator.site.pair.a
    good = operator.put(a, 0)
    unfinished, damaged, short = operator.put(a, 1), operator.put(a, 2), operator.put(a, 3)
    operator.remove(a, f"{unfinished}.manifest")
    operator.damage(a, f"{damaged}.manifest")
    operator.object(a, f"db1/{short}", b"short")
    operator.object(a, "db1/notes.txt", b"x")
    operator.object(a, f"db1/{good}.partial", b"x")
    lonely = good.replace("2026", "2025")
    operator.object(a, f"db1/{lonely}.manifest", b"x")
    found = as_json(operator.command("list", "db1", "--json"))
    assert [entry["archive"] for entry in found["archives"]] == [good]
    why = {str(entry["name"]): str(entry["why"]) for entry in found["apart"]}
    assert why.pop(unfinished).startswith("has no manifest")
    assert "damaged, cut off, or was tampered with" in why.pop(damaged)
    assert why.pop(short).startswith(f"fails: {short} has 5 bytes there, of ")
    assert why == {
        "notes.txt": "is no archive of db1",
        f"{good}.partial": "is an upload that did not end",
        f"{lonely}.manifest": "is a manifest without its archive",
    }
    assert f"target {A}: notes.txt is no archive of db1" in operator.command("list", "db1").stdout


def test_a_store_that_is_down_is_red_and_the_other_listed(operator: Operator) -> None:
    name = operator.put_everywhere()
    operator.site.pair.a.stop()
    try:
        result = operator.command("list", "db1")
    finally:
        operator.site.pair.a.restart()
    assert result.status == 6
    assert f"target {A} (archive-backblaze:bucket1/databases): list:" in result.stderr
    assert name in result.stdout


def test_what_fails_once_is_asked_again(operator: Operator) -> None:
    name = operator.put_everywhere()
    operator.site.pair.a.meet(Fault(Refuse(403), method="GET", nth=1))
    result = operator.command("list", "db1", f"--target={A}")
    assert result.green, result
    assert name in result.stdout


def test_progress_goes_to_stderr(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what a program reads as JSON stays that."""
    monkeypatch.setattr("pg_archive.progress._EVERY", -1.0)

    def manifest(*_: object) -> object:
        time.sleep(0.01)
        raise TargetError("a", "manifest", "is damaged", "")

    source = Source.__new__(Source)
    monkeypatch.setattr(Source, "lacks", lambda *_: "")
    monkeypatch.setattr(Source, "manifest", manifest)
    monkeypatch.setattr(Source, "__str__", lambda _: "a")
    names = [ArchiveName("db1", NOON, ".gz"), ArchiveName("db1", NOON, ".zst")]
    assert len(Holdings.of({source: Inventory(dict.fromkeys(names, 1), {})}).apart) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Reading manifests: 2 of 2 (100 %)" in said.err


def test_what_is_dated_in_the_future_is_told(operator: Operator) -> None:
    name = operator.put(operator.site.pair.a, 1_000_000)
    result = operator.command("list", "db1")
    assert result.green, result
    assert f"{name} is dated in the future" in result.stderr


def test_a_bucket_that_is_missing_is_no_empty_one(operator: Operator) -> None:
    operator.site.configuration["remote"] = "archive-backblaze:absent/databases"
    result = operator.command("list", "db1")
    assert result.status == 6, result


def test_a_directory_that_is_missing_is_an_empty_one(operator: Operator) -> None:
    operator.site.configuration["remote"] = f"{operator.site.directory}/absent"
    result = operator.command("list", "db1")
    assert result.green, result
    said = f"There is no archive that can be restored in {operator.site.directory}/absent/db1/.\n"
    assert result.stdout == said, "nobody sees that the path is mistyped"


def test_nothing_there(operator: Operator) -> None:
    result = operator.command("list", "db1")
    assert result.green
    places = "archive-backblaze:bucket1/databases/db1/, archive-wasabi:bucket2/databases/db1/"
    assert result.stdout == f"There is no archive that can be restored in {places}.\n"


@pytest.mark.parametrize(("within", "allowed"), [(None, 1800), (40, 40)], ids=["by hand", "in a run"])
def test_a_listing_has_time_for_many_pages(monkeypatch: pytest.MonkeyPatch, within: float | None, allowed: int) -> None:
    """Ten years of hourly archives are 175 pages, a minute and more; rclone itself gives up on a store that hangs."""
    given: list[float] = []

    def files(_: object, __: str, deadline: Deadline, **___: object) -> list[Entry]:
        given.append(deadline.left)
        return []

    monkeypatch.setattr(Rclone, "files", files)
    source(None if within is None else Deadline(within)).inventory()
    (seconds,) = given
    assert allowed - 10 < seconds <= allowed


def test_a_store_that_hung_is_not_asked_for_its_listing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a restore from another store waits for three of rclone's time limits."""
    asked: list[str] = []

    def files(_: object, directory: str, *__: object, **___: object) -> list[Entry]:
        asked.append(directory)
        late = time.monotonic() + 61
        monkeypatch.setattr(time, "monotonic", lambda: late)
        raise ProgramFailed("list", "i/o timeout")

    monkeypatch.setattr(Rclone, "files", files)
    with pytest.raises(TargetError, match="list: i/o timeout"):
        source(None).inventory()
    assert asked == ["a:bucket/db1"]


def source(within: Deadline | None) -> Source:
    return Source(Target("a", "a:bucket", "s3", TargetOptions()), Database("db1"), Rclone(None), Keys(), within)
