"""Dumps: plain SQL, or compressed by gzip or zstd."""

from __future__ import annotations

import gzip
import subprocess
import zlib

from harness.archive.errors import CorruptArchive
from harness.errors import GateError

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"  # RFC 1952, RFC 8878
_LIMIT = 300.0  # seconds


def decompressed(dump: bytes) -> bytes:
    """Return a dump's SQL, decompressed if need be.

    Raises:
        CorruptArchive: it is truncated or damaged.
        GateError: it is zstd, which this host lacks.
    """
    if dump.startswith(_GZIP):
        try:
            return gzip.decompress(dump)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise CorruptArchive(f"the dump's gzip compression is damaged: {error}") from None
    return _unzstd(dump) if dump.startswith(_ZSTD) else dump


def _unzstd(dump: bytes) -> bytes:
    command = ["setpriv", "--pdeathsig=KILL", "--", "zstd", "--decompress", "--stdout", "--quiet"]
    try:
        ended = subprocess.run(command, input=dump, capture_output=True, timeout=_LIMIT, check=False)
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise GateError(f"zstd cannot be run: {error}") from None
    if ended.returncode == 127:
        raise GateError("the dump is compressed by zstd, which is not installed here: apt install zstd")
    if ended.returncode != 0:
        raise CorruptArchive(f"the dump's zstd compression is damaged: {ended.stderr.decode(errors='replace').strip()}")
    return ended.stdout
