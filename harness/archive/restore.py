"""A dump back into a database: a fresh one, so that nothing that was there can help it."""

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
_HEAD = 65536  # bytes of a dump in which pg_dump -C has changed database, if it does
_CONNECT = re.compile(rb"^\\connect\b", re.MULTILINE)


@contextmanager
def restored(psql: Psql, dump: bytes, *, like: str) -> Iterator[str]:
    """Restore a plain dump, compressed or not, and give the name of the database; it is dropped at the end.

    The database is made from template0 with the encoding and locale of ``like``; psql stops at the first error.

    Raises:
        RestoreFailed: a statement fails, or the dump chooses its database itself (pg_dump -C).
        CorruptArchive: the dump's compression is damaged.
        DatabaseError: the database cannot be made or dropped.
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
