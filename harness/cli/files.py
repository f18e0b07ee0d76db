"""The files that a command's user asks for."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.errors import GateError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class FileError(GateError):
    """A file cannot be written, or has what may not be replaced."""


def check(*files: Path | None) -> None:
    """See that these can be written: before a run, which would be lost. Raises FileError."""
    for file in filter(None, files):
        if not file.parent.is_dir():
            raise FileError(f"{file}: there is no directory {file.parent}; make it, or name another file")
        if file.is_dir():
            raise FileError(f"{file} is a directory; name a file")
        if not os.access(file.parent if _kept_whole(file) else file, os.W_OK):
            raise FileError(f"{file}: you may not write it; name another file")


def write(file: Path, text: str) -> None:
    """Write the file: all of it, or what was there stays. Raises FileError."""
    with writing(file):
        if not _kept_whole(file):
            file.write_text(text, encoding="utf-8")
            return
        half = file.with_name(f".{file.name}.half")
        try:
            half.write_text(text, encoding="utf-8")
            half.replace(file)
        finally:
            half.unlink(missing_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Make a sentence about the path of what the disk says. Raises FileError."""
    try:
        yield
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror or error}") from None


def _kept_whole(file: Path) -> bool:
    """Whether it is replaced, not written in place, as /dev/stdout is."""
    return not file.is_symlink() and (file.is_file() or not file.exists())
