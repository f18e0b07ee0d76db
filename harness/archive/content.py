"""Bytes of any number: in an unnamed file, never all in memory, gone with the process."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager
from functools import cached_property
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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
    """Yield what ``write`` writes into a file; raises what it raises."""
    with tempfile.TemporaryFile() as file:
        write(file)
        yield Content(file)
