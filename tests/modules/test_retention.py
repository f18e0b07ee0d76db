"""Old archives go by restic's rules, and never too many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest

from harness.store.effect import Refuse, Stall
from harness.store.fault import Fault
from pg_archive.configuration import Retention
from pg_archive.names import ArchiveName
from pg_archive.reader import Reader
from pg_archive.retention import Plan, carry_out, kept
from pg_archive.source import Source
from tests.modules.conftest import DIRECTORY, Site, dump_text, finished

NOW = datetime(2026, 11, 22, 10, 15, 3, tzinfo=UTC)


def hourly(count: int) -> list[ArchiveName]:
    return [ArchiveName("db1", NOW - timedelta(hours=hours), ".gz") for hours in range(count)]


def times(archives: set[ArchiveName]) -> list[str]:
    return [f"{archive.taken:%d.%m. %H}" for archive in sorted(archives, reverse=True)]


def test_last() -> None:
    assert set(kept(hourly(5), Retention(last=2))) == set(hourly(2))


def test_three_are_kept_whatever_the_rules_say() -> None:
    assert (Retention(last=1).floor, Retention.read(Reader(":", {"last": 1})).floor) == (3, 3)


def test_hourly_keeps_the_newest_of_each_hour() -> None:
    early, late, other = (ArchiveName("db1", NOW - timedelta(minutes=m), ".gz") for m in (10, 0, 40))
    assert set(kept([early, late, other], Retention(hourly=2))) == {late, other}


def test_rules_add_up() -> None:
    found = times(set(kept(hourly(24 * 70), Retention(last=1, daily=3, weekly=2, monthly=3))))
    assert found == ["22.11. 10", "21.11. 23", "20.11. 23", "15.11. 23", "31.10. 23", "30.09. 23"]


def test_a_day_without_archives_uses_up_no_rule() -> None:
    archives = [ArchiveName("db1", NOW - timedelta(days=days), ".gz") for days in (0, 10, 20, 30)]
    assert set(kept(archives, Retention(daily=3))) == set(archives[:3])


@pytest.fixture
def old(site: Site) -> list[str]:
    """Four finished archives in each store, a day apart; the configuration keeps two."""
    for day in (1, 2, 3, 4):
        for store in site.stores:
            for key, content in finished(day).items():
                store.put(key, content)
    site.configuration["retention"] = {"last": 2, "floor": 1}
    return site.archives(site.pair.a)


def test_expired_archives_go_after_a_good_run(site: Site, old: list[str]) -> None:
    foreign = {"databases/db1/notes.txt", "databases/db1/db10_20200101T000000Z.sql.gz.enc", "databases/db10/x"}
    for store in site.stores:
        for key in foreign:
            store.put(key, b"not ours")
    result = site.backup()
    assert result.green, result
    for store in site.stores:
        names = set(site.names(store))
        assert foreign <= names
        left = sorted(names - foreign)
        assert len(left) == 4
        assert left[0] == old[3]
        assert left[1] == f"{old[3]}.manifest"


def test_nothing_goes_after_a_red_run(site: Site, old: list[str]) -> None:
    site.pair.b.meet(Fault(Refuse(403), method="PUT"))
    result = site.backup()
    assert result.status == 6
    for store in site.stores:
        assert set(old) <= set(site.names(store))


def test_archives_that_are_not_verified_do_not_count_for_the_floor(site: Site, old: list[str]) -> None:
    """Two of the kept were damaged: their listed size is another than their manifest's."""
    site.configuration["retention"] = {"last": 2, "floor": 3}
    for key in old[2:]:
        site.pair.a.put(key, b"cut off")
    result = site.backup(dump_text(rows=1))
    assert result.green, result
    left = site.archives(site.pair.a)
    assert set(old[:2]) <= set(left), result  # the new one and these two are the floor
    assert old[2].rpartition("/")[2] in result.stderr


def test_a_key_that_may_not_delete_makes_retention_red(site: Site, old: list[str]) -> None:
    site.pair.b.meet(Fault(Refuse(403), method="DELETE"))
    result = site.backup()
    assert result.status == 6
    assert "archive-wasabi:" in result.stderr
    assert "delete" in result.stderr
    assert len(site.archives(site.pair.a)) == 2
    assert set(old) <= set(site.names(site.pair.b))


def test_a_store_that_shows_no_manifest_in_time_makes_retention_red(site: Site, old: list[str]) -> None:
    site.configuration["retention"] = {"last": 2, "floor": 3}
    site.configuration["timeout"] = 8
    site.pair.b.meet(Fault(Stall(60), method="GET", key=f"{old[3]}.manifest"))
    result = site.backup()
    assert result.status == 6
    assert "retention: its manifests could not be read within 8 s" in result.stderr
    assert len(site.archives(site.pair.a)) == 3
    assert set(old) <= set(site.names(site.pair.b))


def test_manifests_whose_archive_is_gone_go(site: Site, old: list[str]) -> None:
    """A run was killed between deleting the two."""
    site.configuration["retention"] = {"last": 9}
    orphan = f"{old[0]}.manifest"
    site.pair.b.client().delete_object(Bucket=site.pair.b.bucket, Key=old[0])
    recent = f"{DIRECTORY}{ArchiveName('db1', datetime.now(UTC) - timedelta(hours=1), '.gz')}.manifest"
    others = {recent, f"{DIRECTORY}db10_20200101T000000Z.sql.gz.enc.manifest", f"{DIRECTORY}notes.manifest"}
    for key in others:
        site.pair.b.put(key, b"x")
    result = site.backup()
    assert result.green, result
    assert orphan not in site.names(site.pair.b)
    assert f"{orphan.removeprefix(DIRECTORY)}, whose archive is gone, is removed" in result.stdout
    assert others <= set(site.names(site.pair.b))
    assert orphan in site.names(site.pair.a)


def test_a_manifest_stays_if_only_a_listing_lacks_its_archive() -> None:
    """As one that lags does."""
    name = ArchiveName("db1", NOW - timedelta(days=9), ".gz")
    source = Mock(spec=Source)
    source.has.return_value = True
    carry_out(source, Plan({}, [], [], [name]))
    source.delete.assert_not_called()


def test_a_clock_that_was_ahead_costs_no_archive(site: Site, old: list[str]) -> None:
    """What it left is dated behind this run's archive, and counts for no rule: it would push all others out."""
    for day in (1, 2, 3):
        for key, content in finished(day, 2099).items():
            site.pair.a.put(key, content)
    result = site.backup()
    assert result.green, result
    (new,) = site.archives(site.pair.b)[1:]
    left = site.archives(site.pair.a)
    assert left[:2] == [old[3], new], result
    assert len(left) == 5
    assert "3 old archives are removed, 5 stay." in result.stdout
