"""Old archives go by restic's rules, and never too many."""

from __future__ import annotations

import socket
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest

from harness.store.effect import Refuse, Stall
from harness.store.fault import Fault
from pg_archive.configuration import Retention
from pg_archive.errors import TargetError
from pg_archive.manifest import Manifest
from pg_archive.names import ArchiveName
from pg_archive.reader import Reader
from pg_archive.retention import Plan, carry_out, kept, plan
from pg_archive.source import Inventory, Source
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


class _Store(Source):
    """A listing, and of each archive the host that its manifest names; none opens it if that is empty."""

    def __init__(self, hosts: dict[ArchiveName, str]) -> None:
        self._hosts = hosts

    def __str__(self) -> str:
        return "a"

    def inventory(self) -> Inventory:
        return Inventory(dict.fromkeys(self._hosts, 1), {})

    def lacks(self, name: ArchiveName) -> str:
        return "" if self._hosts[name] else "--identity"

    def manifest(self, name: ArchiveName, size: int) -> Manifest:
        found: Manifest = Mock(host=self._hosts[name])
        return found


def interleaved(hours: int, minutes: dict[int, str]) -> dict[ArchiveName, str]:
    """Return hourly archives of hosts, each at its minute of the hour, newest first."""
    times = {
        NOW.replace(minute=minute) - timedelta(hours=h): host for h in range(hours) for minute, host in minutes.items()
    }
    return {ArchiveName("db1", time, ".gz"): times[time] for time in sorted(times, reverse=True)}


@pytest.mark.parametrize("floor", [1, 3])
@pytest.mark.parametrize("last", ["production", "staging"])
def test_nothing_goes_where_two_hosts_archive(floor: int, last: str) -> None:
    """Else the newest of each hour is the later one's, and the other's archives all go."""
    hosts = interleaved(9, {15: "production", 20: "staging"})
    if last == "production":
        hosts.pop(max(hosts))
    with pytest.raises(TargetError, match=r"target a: retention: .* is of the host (production|staging)") as failed:
        plan(_Store(hosts), Retention(hourly=24, floor=floor), own=max(hosts))
    assert "give each host a path of its own; nothing was removed" in str(failed.value)


def test_a_host_that_was_renamed_heals_with_its_floor_of_archives() -> None:
    before = dict.fromkeys(hourly(9), "old name")
    for runs, heals in ((1, False), (2, False), (3, True)):
        hosts = before | dict.fromkeys(hourly(9)[:runs], "new name")
        with nullcontext() if heals else pytest.raises(TargetError, match="3 archives"):
            assert len(plan(_Store(hosts), Retention(last=3)).remove) == 6


def test_a_host_that_can_open_nothing_cannot_tell_whose_archives_they_are() -> None:
    assert len(plan(_Store(dict.fromkeys(hourly(9), "")), Retention(last=3)).remove) == 6


def test_another_hosts_archives_make_a_run_red_and_stay(
    site: Site, old: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "production")
    for key, content in finished.__wrapped__(5).items():
        site.pair.b.put(key, content)
    site.configuration["retention"] = {"last": 2}
    result = site.backup()
    assert result.status == 6
    assert "db1_20260105T000000Z.sql.gz.enc is of the host production, and db1_" in result.stderr
    assert "give each host a path of its own; nothing was removed" in result.stderr
    assert len(site.archives(site.pair.b)) == 6
    assert len(site.archives(site.pair.a)) == 3


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
