"""A machine's RAM as its difference from that of the one it was started from: megabytes, not hundreds.

A delta is a file of its own kind: for each page that differs its number (64 bits, big-endian) and its content.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PAGE = 1 << 12
_CHUNK = 1 << 20
_NUMBER = struct.Struct("!Q")


def write_delta(base: Path, ram: Path, delta: Path) -> None:
    """Write to ``delta``, 0600, how ``ram`` differs from ``base``, a file of the same size; holes are not read."""
    delta.touch(mode=0o600)
    with base.open("rb") as old, ram.open("rb") as new, delta.open("wb") as out:
        for start in sorted({*_chunks(old.fileno()), *_chunks(new.fileno())}):
            before, after = (os.pread(file.fileno(), _CHUNK, start) for file in (old, new))
            if before == after:
                continue
            for offset in range(0, len(after), _PAGE):
                page = after[offset : offset + _PAGE]
                if page != before[offset : offset + _PAGE]:
                    out.write(_NUMBER.pack((start + offset) // _PAGE) + page)


def apply_delta(delta: Path, ram: Path) -> None:
    """Apply the delta to ``ram``, a copy of the base."""
    with delta.open("rb") as changes, ram.open("r+b") as out:
        while number := changes.read(_NUMBER.size):
            os.pwrite(out.fileno(), changes.read(_PAGE), _NUMBER.unpack(number)[0] * _PAGE)


def _chunks(file: int) -> Iterator[int]:
    """Yield the offsets of a sparse file's chunks that are not holes (lseek(2))."""
    end = os.fstat(file).st_size
    here = 0
    while here < end:
        try:
            here = os.lseek(file, here, os.SEEK_DATA)
        except OSError:  # ENXIO: only a hole up to the end
            return
        hole = os.lseek(file, here, os.SEEK_HOLE)
        yield from range(here // _CHUNK * _CHUNK, hole, _CHUNK)
        here = hole
