"""Things that are expensive to make and are made once: a directory per content key in the user's cache."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
from filelock import FileLock, Timeout

from harness.errors import GateError

if TYPE_CHECKING:
    from collections.abc import Callable

_BUILD_LIMIT = 3600.0  # seconds that one worker waits for another's build


class CacheError(GateError):
    """The cache cannot be used."""


class Cache:
    """Directories under ``root``, by kind and content key. Safe among processes; a half-made one is never seen."""

    def __init__(self, root: Path | None = None, *, tell: Callable[[str], None] = lambda _: None) -> None:
        self.root = root or platformdirs.user_cache_path("pg-archive-gate")
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.root.chmod(0o700)
        self._tell = tell

    def obtain(self, kind: str, key: str, build: Callable[[Path], None]) -> Path:
        """Return the directory for ``key``, made by ``build(directory)`` if it is not there yet.

        ``build`` gets an empty directory that becomes the entry when it returns; if it raises, nothing stays.

        Raises:
            CacheError: another process has been building the same entry for an hour.
        """
        shelf = self.root / kind
        shelf.mkdir(exist_ok=True)
        entry = shelf / key
        if not entry.is_dir():
            with self._lock(kind, key):
                if not entry.is_dir():
                    self._build(entry, build)
        os.utime(entry)  # the least recently used is evicted first
        return entry

    def _lock(self, kind: str, key: str) -> FileLock:
        lock = FileLock(self.root / kind / f".{key}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            self._tell(f"waiting for another run that is building {kind} {key}")
            try:
                lock.acquire(timeout=_BUILD_LIMIT)
            except Timeout:
                message = f"another run has been building {kind} {key} for an hour; end it, or remove {lock.lock_file}"
                raise CacheError(message) from None
        return lock

    @staticmethod
    def _build(entry: Path, build: Callable[[Path], None]) -> None:
        half = entry.with_name(f".{entry.name}.half")
        if half.exists():  # a builder was killed: we hold its lock, so it is dead
            shutil.rmtree(half)
        half.mkdir(mode=0o700)
        try:
            build(half)
            half.rename(entry)
        except BaseException:
            shutil.rmtree(half, ignore_errors=True)
            raise
