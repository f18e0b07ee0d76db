"""Bytes of any number: in an unnamed file, never all in memory, gone with the process."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager
from functools import cached_property
from typing import IO, TYPE_CHECKING

from harness.errors import GateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FULL = "No space left on device"
"""What C libraries and programs say of a full disk (ENOSPC)."""


class TemporaryFilesFull(GateError):
    """This host's disk is full: no fault of an archive."""

    def __init__(self) -> None:
        super().__init__(
            f"the disk with this host's temporary files, {tempfile.gettempdir()}, is full: make room for twice an "
            f"archive and its dump, or name another directory in TMPDIR"
        )


class Content:
    """``file`` is not written to any more."""

    def __init__(self, file: IO[bytes]) -> None:
        file.flush()
        self.file = file

    @cached_property
    def digest(self) -> str:
        """SHA-256, hex."""
        self.file.seek(0)
        return hashlib.file_digest(self.file, "sha256").hexdigest()  # type: ignore[arg-type] # has a descriptor

    @cached_property
    def size(self) -> int:
        """How many bytes."""
        return os.fstat(self.file.fileno()).st_size

    def close(self) -> None:
        """Forget it."""
        self.file.close()


@contextmanager
def content(write: Callable[[IO[bytes]], object]) -> Iterator[Content]:
    """Yield what ``write`` writes into a file.

    Raises what it raises, and:
        TemporaryFilesFull: the file has no room.
    """
    with full_disk_said(), tempfile.TemporaryFile() as file:  # closing it writes too
        write(file)
        file.flush()
        yield Content(file)


@contextmanager
def full_disk_said() -> Iterator[None]:
    """Raise TemporaryFilesFull instead of the OSError of a full disk."""
    try:
        yield
    except OSError as error:
        if FULL not in str(error):
            raise
        raise TemporaryFilesFull from None
