"""Retention: which archives restic would keep, and what is never deleted."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from pg_archive.configuration import Retention
from pg_archive.names import ArchiveName
from pg_archive.retention import kept
from tests.modules.operator import Operator, kind, operator, psql

__all__ = ["kind", "operator", "psql"]

A, B = "archive-target-database-backblaze", "archive-target-database-wasabi"
END = datetime(2026, 11, 22, 12, 15, tzinfo=UTC)
HOURLY = [ArchiveName("db1", END - timedelta(hours=hours), ".gz") for hours in range(24 * 100)]


@pytest.mark.parametrize(
    ("retention", "hours_ago"),
    [
        (Retention(last=3), [0, 1, 2]),
        (Retention(hourly=2), [0, 1]),
        (Retention(daily=3), [0, 13, 37]),
        (Retention(weekly=2), [0, 157]),  # 2026-11-22 is a Sunday
        (Retention(monthly=2), [0, 517]),
        (Retention(last=2, daily=2), [0, 1, 13]),
    ],
)
def test_the_newest_of_each_period(retention: Retention, hours_ago: list[int]) -> None:
    assert [int((END - name.taken).total_seconds() // 3600) for name in kept(HOURLY, retention)] == hours_ago


def test_periods_without_an_archive_do_not_count() -> None:
    names = [HOURLY[0], HOURLY[24 * 30], HOURLY[24 * 60], HOURLY[24 * 61]]
    assert list(kept(names, Retention(daily=3))) == names[:3]


def test_a_target_keeps_what_the_retention_says(operator: Operator) -> None:
    names = [operator.put(operator.site.pair.a, hour) for hour in range(5)]
    operator.object(operator.site.pair.a, "db1/notes.txt", b"x")
    before = operator.site.names(operator.site.pair.a)
    result = operator.command("prune", "db1", "--keep-last=2", "--floor=1", "--dry-run")
    assert result.green, result
    assert f"target {A}: would delete {names[0]}" in result.stdout
    assert operator.site.names(operator.site.pair.a) == before
    operator.site.configuration["retention"] = {"last": 2, "floor": 1}
    result = operator.command("prune", "db1")
    assert result.green, result
    left = [key.removeprefix("databases/db1/") for key in operator.site.names(operator.site.pair.a)]
    assert sorted(left) == sorted([*names[3:], *(f"{name}.manifest" for name in names[3:]), "notes.txt"])


def test_the_floor_is_of_valid_archives(operator: Operator) -> None:
    a = operator.site.pair.a
    names = [operator.put(a, hour) for hour in range(4)]
    for name in names[2:]:
        operator.damage(a, f"{name}.manifest")
    result = operator.command("prune", "db1", "--keep-last=2", "--floor=1", f"--target={A}")
    assert result.green, result
    assert f"keeps {names[1]} (floor)" in result.stdout
    for name in names[2:]:
        assert f"manifest of {name}: the message is damaged" in result.stderr
    assert operator.site.archives(a) == [f"databases/db1/{name}" for name in names[1:]]
    result = operator.command("prune", "db1", "--keep-last=1", "--floor=2", f"--target={A}")
    assert result.green, result
    assert "deletes" not in result.stdout  # one valid archive is fewer than two
    assert len(operator.site.archives(a)) == 3


def test_another_target_s_trouble_is_its_own(operator: Operator) -> None:
    for hour in range(3):
        operator.put(operator.site.pair.b, hour)
    operator.site.pair.a.stop()
    try:
        result = operator.command("prune", "db1", "--keep-last=1", "--floor=1")
    finally:
        operator.site.pair.a.restart()
    assert result.status == 6
    assert f"target {A} (archive-backblaze:bucket1/databases): list:" in result.stderr
    assert len(operator.site.archives(operator.site.pair.b)) == 1


def test_without_a_retention_nothing_is_deleted(operator: Operator) -> None:
    operator.put(operator.site.pair.a)
    assert operator.command("prune", "db1").status == 3
    assert operator.command("prune", "db1", "--keep-last=0").status == 2
    assert operator.command("prune", "db1", "--floor=2").status == 3


@pytest.mark.parametrize("mark", [":ro", ":nc"])
def test_a_target_that_is_only_read_from_keeps_all(operator: Operator, mark: str) -> None:
    b = operator.site.pair.b
    for hour in range(3):
        operator.put_everywhere(hour)
    configuration = operator.site.directory / "rclone.conf"
    text = configuration.read_text()
    marked = re.sub(rf"(?m)^(upstreams = .*{B}:)", rf"\1{mark}", text)
    assert marked != text
    configuration.write_text(marked)
    result = operator.command("prune", "db1", "--keep-last=1", "--floor=1")
    assert result.green, result
    assert len(operator.site.archives(operator.site.pair.a)) == 1
    assert len(operator.site.archives(b)) == 3
    assert f"Nothing is deleted in target {B}" in result.stdout
