"""Expensive things, built once: a directory per content key in the user's cache.

Each entry has a lock file beside it. Its builder holds the lock exclusively; every run that uses the entry shares it
until the run ends in any way. Removal needs the exclusive lock too, so entries in use are never removed.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from subprocess import SubprocessError
from typing import TYPE_CHECKING

import platformdirs

from harness.errors import GateError
from harness.host.deadline import Deadline
from harness.host.lock import FileLock
from harness.host.namespaces import remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SIZE_BOUND = 8 << 30
"""Bytes on disk above which the least recently used entries are evicted: two Debian releases need 4 GiB."""

_BUILD_LIMIT = 3600.0  # seconds that one worker waits for another's build
_TURN = 0.05  # polling interval in seconds while another run builds
_SILENCE = 1.0  # seconds of waiting before it is reported
_FULL = 32 << 20  # free bytes below which a build's failure is blamed on the disk
_BASES = "rests-on"


class CacheError(GateError):
    """The cache is unusable."""


@dataclass(frozen=True)
class Entry:
    """One directory of the cache."""

    path: Path

    @property
    def kind(self) -> str:
        """Its kind, such as ``image`` or ``site``."""
        return self.path.parent.name

    @property
    def key(self) -> str:
        """Identifies everything it was made of."""
        return self.path.name

    @cached_property
    def size(self) -> int:
        """Bytes on disk; a frozen machine's RAM is mostly holes."""
        blocks = 0
        for path in [self.path, *self.path.rglob("*")]:
            with suppress(FileNotFoundError):  # another run is removing it right now
                blocks += path.lstat().st_blocks
        return blocks * 512

    @cached_property
    def used(self) -> float:
        """Last use, in seconds since the epoch; 0 if another run has just removed it."""
        with suppress(FileNotFoundError):
            return self.path.stat().st_mtime
        return 0.0

    @cached_property
    def bases(self) -> frozenset[str]:
        """``kind/key`` of the entries it depends on, as an overlay depends on the disk below it."""
        record = self.path / _BASES
        return frozenset(record.read_text().split()) if record.exists() else frozenset()

    def __str__(self) -> str:
        return f"{self.kind}/{self.key}"


class Cache:
    """Directories under ``root``, by kind and content key. Safe among processes; incomplete ones are never visible.

    Raises CacheError if ``root`` cannot be created or belongs to someone else.
    """

    def __init__(self, root: Path | None = None, *, tell: Callable[[str], None] = lambda _: None) -> None:
        self.root = root or platformdirs.user_cache_path("pg-archive-gate")
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.root.chmod(0o700)
        except OSError as error:
            message = (
                f"the cache {self.root} cannot be created: {error.strerror}; set XDG_CACHE_HOME to a directory that you"
                " can write to"
            )
            raise CacheError(message) from None
        self._tell = tell
        self._used: dict[Path, FileLock] = {}

    def obtain(self, kind: str, key: str, build: Callable[[Path], None], *, rests_on: Iterable[Path] = ()) -> Path:
        """Return the directory for ``key``, made by ``build(directory)`` if missing.

        ``build`` gets an empty directory that becomes the entry when it returns; if it raises, nothing is kept.
        ``rests_on`` are entries in use that must stay as long as this one. It is in use until the process ends.

        Raises:
            CacheError: another process has been building the same entry for an hour, or the disk is full.
        """
        entry = self._entry(kind, key)

        def make() -> None:
            if not entry.is_dir():  # nobody else has built it meanwhile
                self._build(entry, build, rests_on)
                for removed in self.prune(SIZE_BOUND):
                    self._tell(f"removed {removed} from the cache, which had grown too large")

        deadline = Deadline(_BUILD_LIMIT)
        while not self.use(kind, key):
            # Do not wait for the lock: whoever was first builds, then shares it while it runs.
            if not self._try_alone(entry, make):
                if deadline.passed:
                    raise self._not_free(entry, deadline, "using")
                time.sleep(_TURN)
        return entry

    def use(self, kind: str, key: str) -> Path | None:
        """Return the directory for ``key``, in use until the process ends; None if missing.

        Raises:
            CacheError: another process has been building it for an hour.
        """
        entry = self._entry(kind, key)
        if (lock := self._used.pop(entry, None)) is None:
            lock = FileLock(_lock_of(entry))
            self._await(lock.share, entry, Deadline(_BUILD_LIMIT))
        if not entry.is_dir():
            lock.close()
            return None
        self._used[entry] = lock
        os.utime(entry)  # the least recently used is evicted first
        return entry

    def replace(self, kind: str, key: str, build: Callable[[Path], None], *, rests_on: Iterable[Path] = ()) -> Path:
        """``obtain``, but rebuilds an existing entry, which is not in use afterwards.

        Raises:
            CacheError: a run uses the existing entry.
        """
        entry = self._entry(kind, key)
        with self._alone(entry, Deadline(0)):
            if entry.is_dir():
                remove_tree(entry)
            self._build(entry, build, rests_on)
        return entry

    # What is there

    def entries(self) -> list[Entry]:
        """Return all entries, least recently used first."""
        locks = self.root.glob("*/.*.lock")
        paths = (lock.with_name(lock.name.removeprefix(".").removesuffix(".lock")) for lock in locks)
        return sorted((Entry(path) for path in paths if path.is_dir()), key=lambda entry: entry.used)

    def in_use(self, entry: Entry) -> bool:
        """Whether a run uses or builds the entry."""
        return not self._try_alone(entry.path, lambda: None)

    def prune(self, bound: int) -> list[Entry]:
        """Remove entries, least recently used first, until the rest takes at most ``bound`` bytes; return them.

        Keeps entries in use, and those that a remaining entry rests on.
        """
        for half in self.root.glob("*/.*.half"):  # a builder was killed
            entry = half.with_name(half.name.removeprefix(".").removesuffix(".half"))
            self._try_alone(entry, partial(remove_tree, half))
        removed: list[Entry] = []
        kept: set[str] = set()
        while True:
            entries = self.entries()
            bases = frozenset().union(*(entry.bases for entry in entries))
            candidates = [entry for entry in entries if str(entry) not in bases | kept]
            if not candidates or sum(entry.size for entry in entries) <= bound:
                return removed
            oldest = candidates[0]
            if self.remove(oldest):
                removed.append(oldest)
            else:
                kept.add(str(oldest))

    def remove(self, entry: Entry) -> bool:
        """Remove an entry unless another rests on it or a run uses it; whether it is gone."""
        return self._try_alone(entry.path, partial(_remove, entry.path))

    # Own

    def _entry(self, kind: str, key: str) -> Path:
        shelf = self.root / kind
        shelf.mkdir(exist_ok=True, mode=0o700)
        return shelf / key

    @contextmanager
    def _alone(self, entry: Path, deadline: Deadline) -> Iterator[None]:
        """Hold the entry's lock exclusively."""
        lock = FileLock(_lock_of(entry))
        try:
            self._await(lock.take, entry, deadline)
            yield
        finally:
            lock.close()

    def _await(self, acquire: Callable[[Deadline], bool], entry: Path, deadline: Deadline) -> None:
        if acquire(Deadline(min(_SILENCE, deadline.remaining()))):
            return
        if not deadline.passed:
            self._tell(f"waiting for another run that is building {Entry(entry)}")
        if not acquire(deadline):
            raise self._not_free(entry, deadline, "building" if deadline.seconds else "using")

    @staticmethod
    def _not_free(entry: Path, deadline: Deadline, what: str) -> CacheError:
        message = f"another run is {what} {Entry(entry)} ({deadline.seconds:.0f} s waited); end it, then try again"
        return CacheError(message)

    def _build(self, entry: Path, build: Callable[[Path], None], rests_on: Iterable[Path]) -> None:
        half = _half_of(entry)
        if half.exists():  # a builder was killed: we hold its lock, so it is dead
            remove_tree(half)
        try:
            half.mkdir(mode=0o700)
        except FileExistsError:
            raise CacheError(f"{half}, which a run that died left, cannot be removed; remove it as root") from None
        try:
            build(half)
            (half / _BASES).write_text("".join(f"{Entry(base)}\n" for base in rests_on))
            half.rename(entry)
        except BaseException as error:
            full = shutil.disk_usage(self.root).free < _FULL
            remove_tree(half)
            if full and isinstance(error, (GateError, OSError, SubprocessError)):
                message = (
                    f"the disk with {self.root} is full, so {Entry(entry)} could not be built; free some space"
                    f" (`pg-archive-gate template prune --size 4`), or set XDG_CACHE_HOME to a larger disk: {error}"
                )
                raise CacheError(message) from error
            raise

    @staticmethod
    def _try_alone(entry: Path, act: Callable[[], None]) -> bool:
        """Act on the entry if nobody builds or uses it, not even this process; whether it was done."""
        lock = FileLock(_lock_of(entry))
        try:
            if alone := lock.take():
                act()
            return alone
        finally:
            lock.close()


def _remove(entry: Path) -> None:
    # Renaming removes it atomically, even if we are killed halfway.
    remove_tree(entry.rename(_half_of(entry)))


def _lock_of(entry: Path) -> Path:
    return entry.with_name(f".{entry.name}.lock")


def _half_of(entry: Path) -> Path:
    return entry.with_name(f".{entry.name}.half")
