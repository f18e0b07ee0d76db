"""A private directory for what was fetched and decrypted, removed on every way out."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pg_archive.errors import CryptoError, PgArchiveError, Stopped
from pg_archive.ownership import is_abandoned, temporary_name

if TYPE_CHECKING:
    from types import TracebackType

SPARE = 64 << 20
"""Bytes of a disk that stay free: dumps often lie on PostgreSQL's own."""


class Scratch:
    """A new directory (0700) below ``parent``, by default $TMPDIR or /var/tmp; what a killed one left there is removed.

    ``mend`` is what to do if it cannot be made.

    Raises on entry:
        PgArchiveError: it cannot be made.
    """

    def __init__(self, parent: Path | None = None, mend: str = "set TMPDIR to a directory of this user") -> None:
        self._mend = mend
        self._parent = parent or Path(os.environ.get("TMPDIR") or "/var/tmp")  # noqa: S108 - the name is drawn

    def __enter__(self) -> Path:
        self.path = self._parent / temporary_name()
        try:
            self._remove_abandoned()
            self.path.mkdir(mode=0o700)
        except OSError as error:
            cause = f"{self.path} cannot be made: {error.strerror}"
            raise PgArchiveError("private directory", cause, self._mend) from None
        return self.path

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            shutil.rmtree(self.path)
        except Stopped:  # the signal came in the middle; there is no second one
            shutil.rmtree(self.path, ignore_errors=True)
            raise

    def _remove_abandoned(self) -> None:
        for entry in self._parent.iterdir():
            if is_abandoned(entry.name) and not entry.is_symlink() and entry.lstat().st_uid == os.geteuid():
                shutil.rmtree(entry, ignore_errors=True)


def check_space(directory: Path, needed: int) -> None:
    """See that ``needed`` bytes are free.

    Raises:
        PgArchiveError: they are not.
    """
    free = shutil.disk_usage(directory).free
    if free < needed:
        cause = f"{directory.parent} has {free} bytes free, and the archive with its dump needs {needed}"
        raise PgArchiveError("disk space", cause, "free some, or take another directory, by TMPDIR or --to")


def check_room(directory: Path, dump: int) -> None:
    """See that there is room for the archive of a dump of so many bytes, and that a little stays free.

    Raises:
        CryptoError: there is not: the disk would be full, for PostgreSQL too.
    """
    disk = shutil.disk_usage(directory)
    needed = dump + min(SPARE, disk.total // 32)
    if disk.free < needed:
        cause = f"the disk is full: {directory.parent} has {disk.free} bytes free, and the archive needs {needed}"
        raise CryptoError("encrypt", cause, "free some: it must have room for two dumps and the archive")
