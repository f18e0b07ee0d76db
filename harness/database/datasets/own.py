"""A user's own data: an SQL file, such as pg_dump's plain format, optionally gzipped."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

from harness.database.dataset import Dataset, DatasetError

if TYPE_CHECKING:
    from pathlib import Path

_GZIP = b"\x1f\x8b"
_PG_DUMP_CUSTOM = b"PGDMP"


def own(path: Path) -> Dataset:
    """Read the file.

    Raises:
        DatasetError: it cannot be read, its compression is damaged, or it is not SQL.
    """
    try:
        content = path.read_bytes()
        script = gzip.decompress(content) if content.startswith(_GZIP) else content
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DatasetError(f"dataset {path}: its gzip compression is damaged: {error}") from None
    except OSError as error:
        raise DatasetError(f"dataset {path} cannot be read: {error.strerror}") from None
    if script.startswith(_PG_DUMP_CUSTOM):
        message = f"dataset {path} is in pg_dump's custom format: turn it into SQL with pg_restore -f FILE.sql"
        raise DatasetError(message)
    if not script.strip():
        raise DatasetError(f"dataset {path} is empty")
    if b"\x00" in script:
        raise DatasetError(f"dataset {path} is not SQL: it has a NUL byte at offset {script.index(0)}")
    return Dataset(str(path), script)
