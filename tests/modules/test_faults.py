"""What goes wrong at a store: the other one is served, the run is red and names it, or green and all is there."""

from __future__ import annotations

import os

import pytest

from harness.store.effect import Effect, FlipBit, Refuse, Reset, Stall, Truncate
from harness.store.fault import Fault
from tests.modules.conftest import DIRECTORY, Result, Site, content_of, dump_text, finished, wait_for

CONTENT = dump_text(rows=200)


def check_laws(site: Site, result: Result, content: bytes, earlier: dict[str, dict[str, bytes]]) -> None:
    """Assert what must hold after any run, however it ended (but not a kill)."""
    for store in site.stores:
        found = {key: store.fetch(key) for key in site.names(store)}
        for key, old in earlier[store.name].items():
            assert found.pop(key) == old, f"{store.name}: {key} changed"
        archives = [key for key in found if key.endswith(".enc")]
        for key in archives:
            assert content_of(found[key]) == content, f"{store.name}: {key} is not the dump"
        finished = [key for key in archives if f"{key}.manifest" in found]
        if result.green:
            assert len(finished) == 1, f"green, but {store.name} has {sorted(found)}\n{result}"
        elif not finished:
            assert f"archive-{store.name}:" in result.stderr, f"red without a word on {store.name}: {result}"
    assert site.left() == set()


def all_objects(site: Site) -> dict[str, dict[str, bytes]]:
    return {store.name: {key: store.fetch(key) for key in site.names(store)} for store in site.stores}


@pytest.mark.parametrize("nth", range(1, 15))
def test_one_refusal_at_each_request(site: Site, nth: int) -> None:
    """Both stores refuse one request, which saves a run for each: neither knows of the other."""
    site.pair.a.meet(Fault(Refuse(403), nth=nth))
    site.pair.b.meet(Fault(Refuse(503), nth=nth))
    result = site.backup(CONTENT)
    check_laws(site, result, CONTENT, {store.name: {} for store in site.stores})
    assert result.green, result  # each request is tried again


@pytest.mark.parametrize(
    "fault",
    [
        Fault(Refuse(403)),
        Fault(Refuse(403), method="PUT"),
        Fault(Refuse(403), method="GET", key="*.enc"),
        Fault(Refuse(403), method="PUT", key="*.manifest"),
        Fault(Refuse(503), method="PUT"),
        Fault(Reset(), method="PUT"),
        Fault(Truncate(100), method="PUT", key="*.enc"),
        Fault(FlipBit(4000), method="PUT", key="*.enc"),
        Fault(FlipBit(300), method="PUT", key="*.manifest"),
        Fault(FlipBit(4000), method="GET", key="*.enc"),
        Fault(FlipBit(4000), key="*.enc"),  # there and back: the store's digest tells
        Fault(Truncate(0), method="PUT"),
        Fault(FlipBit(4000), key="*.enc", at_rest=True),
        Fault(Truncate(100), key="*.enc", at_rest=True),
        Fault(FlipBit(300), key="*.manifest", at_rest=True),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["moto"])
def test_a_lasting_fault_is_red_and_named(site: Site, fault: Fault) -> None:
    for store in site.stores:
        for key, content in finished(1).items():
            store.put(key, content)
    earlier = all_objects(site)
    site.pair.b.meet(fault)
    result = site.backup(CONTENT)
    check_laws(site, result, CONTENT, earlier)
    assert result.status == 6, result
    assert len(site.archives(site.pair.a)) == 2  # the healthy one is served
    site.pair.b.heal()
    last = site.backup(CONTENT)
    assert last.green, last


@pytest.mark.parametrize("effect", [Reset(), Reset(100), Truncate(100), FlipBit(4000)], ids=str)
@pytest.mark.parametrize("method", ["PUT", "GET"])
@pytest.mark.parametrize("kind", ["moto"])
def test_one_fault_is_mended(site: Site, effect: Effect, method: str) -> None:
    site.pair.b.meet(Fault(effect, method=method, key="*.enc", nth=1))
    result = site.backup(CONTENT)
    assert result.green, result
    check_laws(site, result, CONTENT, {store.name: {} for store in site.stores})


@pytest.mark.parametrize("effect", [Truncate(100), FlipBit(4000)], ids=str)
@pytest.mark.parametrize("key", ["*.enc", "*.manifest"])
def test_one_object_that_rots_is_put_again(site: Site, effect: Effect, key: str) -> None:
    site.pair.b.meet(Fault(effect, key=key, nth=1, at_rest=True))
    result = site.backup(CONTENT)
    assert result.green, result
    check_laws(site, result, CONTENT, {store.name: {} for store in site.stores})
    uploads = [seen for seen in site.pair.b.requests() if seen.method == "PUT" and seen.key.endswith(key[1:])]
    assert [seen.fault for seen in uploads] == [type(effect).__name__, ""]


def test_a_store_that_hangs_costs_its_own_time(site: Site) -> None:
    site.configuration["timeout"] = 3
    site.pair.b.meet(Fault(Stall(60)))
    result = site.backup(CONTENT)
    assert result.status == 6, result
    check_laws(site, result, CONTENT, {store.name: {} for store in site.stores})
    assert "did not end in time" in result.stderr
    assert site.archives(site.pair.a)


def test_a_store_that_is_down(site: Site) -> None:
    site.pair.b.stop()
    result = site.backup(CONTENT)
    site.pair.b.restart()
    assert result.status == 6, result
    check_laws(site, result, CONTENT, {store.name: {} for store in site.stores})
    assert site.backup(CONTENT).green


@pytest.mark.parametrize("kind", ["moto"])
def test_a_store_that_never_takes_the_clock(site: Site) -> None:
    """rclone takes the store's time where it differs; one that refuses all the same is as any that refuses."""
    site.pair.b.meet(Fault(Refuse(403, code="RequestTimeTooSkewed")))
    result = site.backup(CONTENT)
    assert result.status == 6, result
    check_laws(site, result, CONTENT, {store.name: {} for store in site.stores})
    assert "TooSkewed" in result.stderr or "time may be set wrong" in result.stderr


@pytest.mark.parametrize("kind", ["moto"])
def test_damage_is_named_though_the_key_may_not_delete(site: Site) -> None:
    site.configuration["timeout"] = 8
    site.pair.b.meet(Fault(Refuse(403), method="DELETE"), Fault(FlipBit(4000), method="GET", key="*.enc"))
    result = site.backup(CONTENT)
    assert result.status == 6, result
    assert "came back with other bytes" in result.stderr


@pytest.mark.parametrize("kind", ["moto"])
@pytest.mark.parametrize(
    "fault",
    [Fault(FlipBit(4000), key="*.enc", at_rest=True), Fault(Stall(60), method="GET", key="*.enc", nth=1)],
    ids=["damaged", "not read back in time"],
)
def test_what_is_not_verified_does_not_stay(site: Site, fault: Fault) -> None:
    site.configuration["timeout"] = 8
    site.pair.b.meet(fault)
    result = site.backup(CONTENT)
    assert result.status == 6, result
    assert result.stderr.count("target archive-target-database-wasabi") == 1, result  # said once
    assert site.names(site.pair.b) == []


@pytest.mark.parametrize("kind", ["moto"])
def test_damage_that_may_not_be_deleted_holds_up_no_run(site: Site) -> None:
    damaged = bytearray(finished(2)[f"{DIRECTORY}db1_20260102T000000Z.sql.gz.enc"])
    damaged[-30] ^= 1
    for store in site.stores:
        for key, content in finished(1).items():
            store.put(key, content)
        store.put(f"{DIRECTORY}db1_20260102T000000Z.sql.gz.enc", bytes(damaged))
    site.configuration["timeout"] = 8
    site.pair.b.meet(Fault(Refuse(403), method="DELETE"))
    result = site.backup(CONTENT)
    assert result.green, result
    assert "cannot be deleted" in result.stdout


@pytest.mark.parametrize("kind", ["moto"])
@pytest.mark.parametrize("late", ["*.enc", "*.manifest"])
def test_another_hosts_archive_of_the_same_second_stays(site: Site, late: str) -> None:
    """Both hosts saw that the name was free."""
    site.pair.b.meet(Fault(Stall(60), method="HEAD", key=late, nth=1))  # by which rclone looks whether it is still free
    site.begin()
    site.new_dump()
    process = site.start("run", "db1")
    site.pair.b.wait_until_met()
    wait_for(lambda: len(site.names(site.pair.a)) == 2)
    (name,) = (key.rpartition("/")[2] for key in site.archives(site.pair.a))
    others = {
        f"{DIRECTORY}{name}{ending}": os.urandom(2000) for ending in ("", ".manifest") if late == "*.enc" or ending
    }
    for key, content in others.items():
        site.pair.b.put(key, content)
    site.pair.b.heal()
    stdout, stderr = process.communicate(timeout=60)
    assert {key: site.pair.b.fetch(key) for key in others} == others, stdout + stderr
    assert process.returncode == 6, stdout + stderr
    assert f"archive-wasabi:bucket2/databases): upload of {name}" in stderr, stderr
    assert "is not what this run uploaded; give each host a path of its own" in stderr, stderr


@pytest.mark.parametrize("effect", [Truncate(0), Truncate(100), FlipBit(4000)], ids=str)
def test_what_a_store_does_not_keep_holds_up_no_run(site: Site, effect: Effect) -> None:
    """An archive without a manifest, as a kill leaves one, whose bytes are not those that the store lists."""
    for store in site.stores:
        for key, content in finished(1).items():
            store.put(key, content)
    left = f"{DIRECTORY}db1_20260102T000000Z.sql.gz.enc"
    site.pair.b.meet(Fault(effect, at_rest=True))
    site.pair.b.client().put_object(Bucket=site.pair.b.bucket, Key=left, Body=finished(2)[left])
    site.pair.b.heal()
    result = site.backup(CONTENT)
    assert result.green, result
    assert "db1_20260102T000000Z.sql.gz.enc has no manifest and stays unfinished: download: corrupted" in result.stdout
    assert left in site.names(site.pair.b)
