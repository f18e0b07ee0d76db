"""The dump to archive: made by this run, whole to pg_dump's last line."""

from __future__ import annotations

import os
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

from pg_archive import process
from pg_archive.deadline import Deadline
from pg_archive.errors import DeadlinePassed, DumpError
from pg_archive.openpgp import CHUNK, read
from pg_archive.scanner import Scanner
from pg_archive.stamp import Stamp

_PIECE = 4 * CHUNK  # bytes of decompressed text at once


def open_dump(dump: Path, start: Stamp | float) -> int:
    """Open the dump for reading, if it was made after ``start``: a stamp, or seconds since 1970.

    Raises:
        DumpError: there is none, it is empty, or is an earlier run's.
    """
    try:
        file = os.open(dump, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        cause = f"{dump} cannot be opened: {error.strerror}"
        raise DumpError(
            "dump", cause, "look at pg_dump's messages above; is the compression configured the same?"
        ) from None
    found = os.fstat(file)
    identity = (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
    old = identity == start.identity if isinstance(start, Stamp) else found.st_mtime < start
    if old or not found.st_size:
        os.close(file)
        cause = f"{dump} is an earlier run's" if old else f"{dump} is empty"
        raise DumpError("dump", cause, "look at pg_dump's messages above; nothing was uploaded")
    return file


def inspect(file: int, dump: Path, compression: str, deadline: Deadline) -> Scanner:
    """Read an open dump to its end.

    Raises:
        DumpError: it cannot be read, does not decompress completely, or lacks pg_dump's last line.
        DeadlinePassed, Stopped, ProgramFailed: as :mod:`pg_archive.process`.
    """
    scanner = Scanner()
    try:
        for piece in decompressed(file, compression, deadline):
            scanner.feed(piece)
            if process.stopping.is_set():
                break
            if deadline.passed:
                raise DeadlinePassed("dump", f"{dump} was not read to its end in time")
    except zlib.error as error:
        cause = f"{dump} does not decompress completely: {error}"
        raise DumpError("dump", cause, "the disk may be full or failing; nothing was uploaded") from None
    except OSError as error:
        cause = f"{dump} cannot be read to its end: {error.strerror}"
        raise DumpError("dump", cause, "the disk may be failing; nothing was uploaded") from None
    if not scanner.complete and not process.stopping.is_set():
        cause = f"{dump} is incomplete: it does not end with pg_dump's last line"
        raise DumpError("dump", cause, "pg_dump was interrupted, look at its messages above; nothing was uploaded")
    return scanner


def decompressed(file: int, compression: str, deadline: Deadline) -> Iterator[bytes]:
    """Yield an open dump's text; raises zlib.error at its end if it is not whole."""
    if compression == "gzip":
        yield from _gunzip(read(file))
    elif compression == "zstd":
        yield from _unzstd(file, deadline)
    else:
        yield from read(file)


def _gunzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Decompress gzip, of one or several members; raises zlib.error unless the last is whole."""
    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
    begun = False
    for read_chunk in chunks:
        chunk = read_chunk
        while chunk:
            if member.eof:
                member = zlib.decompressobj(zlib.MAX_WBITS | 16)
            begun = True
            yield member.decompress(chunk, _PIECE)
            chunk = member.unused_data if member.eof else member.unconsumed_tail
    yield member.flush()
    if not begun or not member.eof:
        raise zlib.error("it is cut off")


def _unzstd(file: int, deadline: Deadline) -> Iterator[bytes]:
    command = ["zstd", "--decompress", "--stdout", "--quiet"]
    with process.child(command, step="dump", deadline=deadline, stdin=subprocess.PIPE) as zstd:
        writer = process.feed(zstd, lambda: read(file))
        while piece := zstd.stdout.read(_PIECE):
            yield piece
        ended = zstd.wait()
        writer.join()
    if ended.status != 0:
        raise zlib.error(ended.stderr[-1] if ended.stderr else "zstd failed")
