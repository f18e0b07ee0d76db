"""kill -9 and SIGTERM at each step: nothing half stays for longer than until the next run, which is green."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import pytest

from harness.store.effect import Stall
from harness.store.fault import Fault
from tests.host.ends import ends
from tests.modules.conftest import Site, content_of, dump_text, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.parametrize("kind", ["moto"])

CONTENT = dump_text(rows=50)


def kill(process: subprocess.Popen[str]) -> str:
    """As systemd does in the end: the program and all its children."""
    everything = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    for each in everything:
        with suppress(psutil.NoSuchProcess):  # it ended meanwhile
            each.kill()
    return "".join(process.communicate(timeout=10))


def terminate(process: subprocess.Popen[str]) -> str:
    """The program alone, which has to end its children."""
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    stdout, stderr = process.communicate(timeout=10)
    assert process.returncode == 143, stderr
    assert all(ends(child.pid) for child in children)
    return stdout + stderr


@pytest.fixture(params=[kill, terminate])
def end(request: pytest.FixtureRequest) -> Callable[[subprocess.Popen[str]], str]:
    return request.param  # type: ignore[no-any-return]


def check_healed(site: Site, archives: dict[str, list[str]]) -> None:
    result = site.backup(CONTENT)
    assert result.green, result
    for store in site.stores:
        keys = site.names(store)
        assert len([key for key in keys if key.endswith(".enc")]) > len(archives[store.name]) - 1
        for key in keys:
            assert key.removesuffix(".manifest").endswith(".enc")
            assert key.removesuffix(".manifest") in keys, f"{store.name}: {key} has no archive\n{result}"
            if key.endswith(".enc"):
                assert f"{key}.manifest" in keys, f"{store.name}: {key} stays unfinished\n{result}"
                content_of(store.fetch(key))
    assert site.left() == set()


@pytest.mark.parametrize(
    "stalled",
    [
        Fault(Stall(60), method="HEAD", nth=1),
        Fault(Stall(60), method="PUT", key="*.enc"),
        Fault(Stall(60), method="GET", key="*.enc"),
        Fault(Stall(60), method="PUT", key="*.manifest"),
        Fault(Stall(60), method="GET", key="*.manifest"),
    ],
    ids=["list", "upload", "read-back", "manifest", "manifest-read-back"],
)
def test_during_the_upload(site: Site, end: Callable[[subprocess.Popen[str]], str], stalled: Fault) -> None:
    site.pair.b.meet(stalled)
    site.begin()
    site.new_dump(CONTENT)
    process = site.start("run", "db1")
    wait_for(lambda: any(key.endswith(".manifest") for key in site.names(site.pair.a)))
    output = end(process)
    assert "archived successfully" not in output
    if end is terminate:
        assert site.left() == set()
    before = {store.name: site.archives(store) for store in site.stores}
    site.pair.b.heal()
    check_healed(site, before)


def test_during_the_upload_to_a_disk(site: Site, end: Callable[[subprocess.Popen[str]], str]) -> None:
    """rclone gives a file there a name of its own until it is whole, which nobody would look after, unless told."""
    disk = site.directory / "disk"
    disk.mkdir()
    (site.directory / "rclone.conf").write_text("[disk]\ntype = alias\nremote = /\n")
    site.configuration["remote"] = f"disk:{disk}"
    site.begin()
    site.new_dump(dump_text(note=os.urandom(300_000).hex()))
    process = site.start("run", "db1", RCLONE_BWLIMIT="100k")
    wait_for(lambda: list(disk.glob("db1/*")))
    end(process)
    left = {path.name for path in disk.glob("db1/*")}
    assert all(name.endswith((".enc", ".enc.partial")) for name in left), left
    result = site.backup(CONTENT)
    assert result.green, result
    assert len(list(disk.glob("db1/*"))) == 2


def test_during_encryption(site: Site, end: Callable[[subprocess.Popen[str]], str]) -> None:
    gpg = site.directory / "bin/gpg"
    started = site.directory / "started"
    gpg.write_text(f"#!/bin/sh\ntouch {started}\nexec sleep 60\n")
    gpg.chmod(0o755)
    site.begin()
    site.new_dump(CONTENT)
    process = site.start("run", "db1")
    wait_for(started.exists)
    end(process)
    if end is terminate:
        assert site.left() == set()
    else:
        assert site.left() == {".pg-archive-db1"}
    assert [site.names(store) for store in site.stores] == [[], []]
    gpg.unlink()
    check_healed(site, {store.name: [] for store in site.stores})


def test_a_damaged_archive_of_a_killed_run_is_removed(site: Site) -> None:
    """The store damaged it, and nobody lived to notice; its host's clock was wrong, too."""
    assert site.backup(CONTENT).green
    (first,) = site.archives(site.pair.b)
    whole = site.pair.b.fetch(first)
    site.pair.b.put("databases/db1/db1_20991231T235959Z.sql.gz.enc", whole[:-30])
    result = site.backup(CONTENT)
    assert result.green, result
    assert "left damaged, is removed" in result.stdout
    assert site.backup(CONTENT).green
    keys = site.archives(site.pair.b)
    assert len(keys) == 3
    assert first in keys
    for key in keys:
        assert content_of(site.pair.b.fetch(key)) == CONTENT


def test_what_other_tools_made_stays(site: Site) -> None:
    key = "databases/db1/db1_20200101T000000Z.sql.gz.enc"
    for store in site.stores:
        store.put(key, b"Salted__ by another tool")
    for _ in range(2):
        result = site.backup(CONTENT)
        assert result.green, result
    for store in site.stores:
        assert store.fetch(key) == b"Salted__ by another tool"


def test_two_at_once(site: Site) -> None:
    """The second is refused by a sentence, and the first is none the worse."""
    site.pair.b.meet(Fault(Stall(60), method="PUT", key="*.enc"))
    site.begin()
    site.new_dump(CONTENT)
    first = site.start("run", "db1")
    wait_for(lambda: site.archives(site.pair.a))
    second = site.command("run", "db1")
    assert second.status == 7
    assert "another pg-archive works on db1" in second.stderr
    site.pair.b.heal()
    stdout, stderr = first.communicate(timeout=30)
    assert first.returncode == 0, stdout + stderr
    assert len(site.archives(site.pair.b)) == 1
