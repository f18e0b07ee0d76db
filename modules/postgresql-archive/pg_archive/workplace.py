"""A private directory beside the dump for one run, which is also the lock against another run on the same database."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pg_archive.errors import Locked, PgArchiveError, Stopped

if TYPE_CHECKING:
    from types import TracebackType


class Workplace:
    """``<directory>/.pg-archive-<database>/``, 0700: made and locked on entry, removed with all it holds on exit.

    What a killed run or a power cut left there is removed by the next one.

    Raises on entry:
        Locked: another process works there.
        PgArchiveError: it cannot be made.
    """

    def __init__(self, directory: Path, database: str) -> None:
        self.path = directory / f".pg-archive-{database}"
        self._database = database

    def __enter__(self) -> Path:
        while True:
            try:
                self.path.mkdir(mode=0o700, exist_ok=True)
                self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            except FileNotFoundError:
                if self.path.parent.is_dir():
                    continue  # another run has just removed it
                raise self._failed("there is no such directory") from None
            except OSError as error:
                raise self._failed(error.strerror or str(error)) from None
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(self._lock)
                cause = f"another pg-archive works on {self._database} ({self.path} is locked)"
                raise Locked("lock", cause, "wait for it to end") from None
            if self._is_current():
                self._empty()
                return self.path
            os.close(self._lock)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            try:
                shutil.rmtree(self.path)
            except Stopped:  # the signal came in the middle; there is no second one
                shutil.rmtree(self.path, ignore_errors=True)
                raise
        finally:
            os.close(self._lock)

    def _is_current(self) -> bool:
        """Whether the locked directory is still the one with that name: its last owner removes it."""
        try:
            return os.path.samestat(os.fstat(self._lock), self.path.lstat())
        except FileNotFoundError:
            return False

    def _empty(self) -> None:
        for item in self.path.iterdir():
            if item.is_dir() and not item.is_symlink():
                shutil.rmtree(item)
            else:
                item.unlink()

    def _failed(self, cause: str) -> PgArchiveError:
        return PgArchiveError(
            "private directory", f"{self.path} cannot be made: {cause}", "this user must own its parent"
        )
