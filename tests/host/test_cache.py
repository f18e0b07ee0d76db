"""The cache among several processes: built once, never removed from under a run that uses it."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.host.cache import Cache, CacheError

_KIB = 1 << 10


def fill(directory: Path) -> None:
    (directory / "content").write_bytes(bytes(64 * _KIB))


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def other_run(cache: Cache) -> Cache:
    """The cache as another process sees it: locks do not depend on the process."""
    return Cache(cache.root)


def names(cache: Cache) -> set[str]:
    return {str(entry) for entry in cache.entries()}


def test_an_entry_is_built_once_by_one_of_many(cache: Cache) -> None:
    built: list[int] = []

    def build(directory: Path) -> None:
        built.append(1)
        time.sleep(0.2)
        fill(directory)

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: Cache(cache.root).obtain("site", "a", build), range(4)))
    assert (built, len(found)) == ([1], 1)


def test_an_entry_that_another_built_meanwhile_is_not_built_again(cache: Cache) -> None:
    class Slow(Cache):
        def use(self, kind: str, key: str) -> Path | None:
            found = super().use(kind, key)
            if found is None:
                Cache(self.root).replace(kind, key, fill)  # between the check and the lock
            return found

    def build(directory: Path) -> None:
        pytest.fail("built twice")

    assert Slow(cache.root).obtain("site", "a", build).is_dir()


def test_an_entry_that_another_built_and_uses_meanwhile_is_shared(
    cache: Cache, other_run: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both checked at the same moment, and one was first."""
    monkeypatch.setattr("harness.host.cache._BUILD_LIMIT", 60)

    class Slow(Cache):
        def use(self, kind: str, key: str) -> Path | None:
            found = super().use(kind, key)
            if found is None:
                other_run.obtain(kind, key, fill)
            return found

    assert Slow(cache.root).obtain("site", "a", fill) == other_run.use("site", "a")


def test_whoever_waits_for_another_says_so(cache: Cache) -> None:
    said: list[str] = []
    building, told = threading.Event(), threading.Event()

    def build(directory: Path) -> None:
        building.set()
        told.wait(30)

    def tell(sentence: str) -> None:
        said.append(sentence)
        told.set()

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(cache.obtain, "site", "a", build)
        assert building.wait(30)
        Cache(cache.root, tell=tell).obtain("site", "a", fill)
        first.result()
    assert said == ["waiting for another run that is building site/a"]


def test_a_failed_build_leaves_nothing(cache: Cache) -> None:
    def fail(directory: Path) -> None:
        fill(directory)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.obtain("site", "a", fail)
    assert not [path for path in (cache.root / "site").iterdir() if path.is_dir()]
    assert cache.obtain("site", "a", fill).is_dir()


def _be_killed(root: Path) -> None:
    Cache(root).obtain("site", "a", lambda directory: (fill(directory), os._exit(9)))  # type: ignore[arg-type, func-returns-value]


def test_what_a_killed_builder_left_is_redone_or_cleared(cache: Cache) -> None:
    for redo in (True, False):
        killed = multiprocessing.get_context("spawn").Process(target=_be_killed, args=(cache.root,))
        killed.start()
        killed.join(30)
        assert (cache.root / "site" / ".a.half").is_dir()
        assert names(cache) == set()
        if redo:
            assert Cache(cache.root).replace("site", "a", fill).is_dir()
        cache.prune(0)
        assert not [path for path in (cache.root / "site").iterdir() if path.is_dir()]


def test_the_least_recently_used_goes_first(cache: Cache, other_run: Cache) -> None:
    for age, key in enumerate("abc"):
        os.utime(cache.replace("site", key, fill), (1e9 - age, 1e9 - age))
    size = cache.entries()[0].size
    assert size >= 64 * _KIB
    assert [str(entry) for entry in other_run.prune(2 * size)] == ["site/c"]
    os.utime(cache.root / "site" / "b")  # used just now
    assert [str(entry) for entry in other_run.prune(size)] == ["site/a"]


def test_to_obtain_is_to_use(cache: Cache) -> None:
    os.utime(cache.replace("site", "a", fill), (1e9, 1e9))
    cache.obtain("site", "a", fill)
    assert cache.entries()[0].used > 1e9


def test_what_a_run_uses_stays(cache: Cache, other_run: Cache) -> None:
    cache.obtain("site", "a", fill)
    cache.replace("site", "b", fill)
    assert {str(entry): other_run.in_use(entry) for entry in other_run.entries()} == {"site/a": True, "site/b": False}
    assert [str(entry) for entry in other_run.prune(0)] == ["site/b"]
    assert [str(entry) for entry in cache.prune(0)] == []  # nor does the run remove its own
    with pytest.raises(CacheError, match="another run is using site/a"):
        other_run.replace("site", "a", fill)


def test_what_another_entry_rests_on_stays_as_long_as_that_one(cache: Cache, other_run: Cache) -> None:
    image = cache.replace("image", "i", fill)
    booted = cache.replace("booted", "b", fill, rests_on=[image])
    cache.obtain("site", "s", fill, rests_on=[booted])
    for entry in cache.entries():
        os.utime(entry.path, (1e9, 1e9))
    assert other_run.prune(0) == []
    for lock in cache._used.values():
        lock.close()  # the run that used it has ended
    assert [str(entry) for entry in other_run.prune(0)] == ["site/s", "booted/b", "image/i"]


def test_a_build_evicts_by_itself(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("harness.host.cache.SIZE_BOUND", 100 * _KIB)
    cache.replace("site", "old", fill)
    Cache(cache.root, tell=said.append).obtain("site", "new", fill)
    assert names(cache) == {"site/new"}
    assert said == ["removed site/old from the cache, which had grown too large"]


def test_an_entry_removed_by_hand_is_made_again(cache: Cache) -> None:
    cache.obtain("site", "a", fill).rename(cache.root / "elsewhere")
    assert cache.obtain("site", "a", fill).is_dir()


def test_sizes_are_those_on_the_disk(cache: Cache) -> None:
    def sparse(directory: Path) -> None:
        with (directory / "ram").open("wb") as file:
            file.truncate(1 << 30)

    cache.replace("site", "a", sparse)
    assert cache.entries()[0].size < 64 * _KIB


def test_it_is_private(cache: Cache) -> None:
    entry = cache.obtain("site", "a", fill)
    assert {path.stat().st_mode & 0o077 for path in (cache.root, entry.parent, entry)} == {0}


def test_fifty_modules_in_one_run_do_not_push_each_other_out(
    cache: Cache, monkeypatch: pytest.MonkeyPatch, other_run: Cache
) -> None:
    """What a run uses stays until it ends, however small the cache is meant to be; so does what that rests on."""
    monkeypatch.setattr("harness.host.cache.SIZE_BOUND", 5 * 64 * _KIB)
    filled = cache.obtain("filled", "base", fill)
    for number in range(50):
        cache.obtain("site", f"module-{number}", fill, rests_on=[filled])
    other_run.obtain("site", "another-run", fill)
    assert {f"site/module-{number}" for number in range(50)} | {"filled/base"} <= names(cache)
