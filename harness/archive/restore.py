"""Restores a dump into a fresh database, so that nothing left over can help it."""

from __future__ import annotations

import re
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.archive.compression import decompressed
from harness.archive.errors import RestoreFailed
from harness.database.psql import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.database.psql import Psql

_LIMIT = 900.0  # seconds
_HEAD = 65536  # bytes within which a dump by pg_dump -C changes database
_CONNECT = re.compile(rb"^\\connect\b", re.MULTILINE)


@contextmanager
def restored(psql: Psql, dump: bytes, *, like: str) -> Iterator[str]:
    """Restore a plain dump, compressed or not, and yield the database's name; it is dropped at the end.

    The database is made from template0 with the encoding and locale of ``like``; psql stops at the first error.

    Raises:
        RestoreFailed: a statement fails, or the dump selects its database (pg_dump -C).
        CorruptArchive: the dump's compression is damaged.
        DatabaseError: the database cannot be created or dropped.
    """
    sql = decompressed(dump)
    if _CONNECT.search(sql[:_HEAD]):
        message = "the dump was made with pg_dump -C and would restore over the source: leave -C out of pgdumpOptions"
        raise RestoreFailed(message)
    name = f"gate_restored_{secrets.token_hex(4)}"
    psql.create(name, like=like)
    try:
        try:
            psql.run(sql, name, timeout=_LIMIT)
        except DatabaseError as error:
            raise RestoreFailed(f"the dump does not restore: {error}") from None
        yield name
    finally:
        psql.drop(name)
