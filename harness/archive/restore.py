"""Restores a dump into a fresh database, so that nothing left over can help it."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from harness.archive.errors import CorruptArchive, RestoreFailed
from harness.database.compression import DamagedCompression, opened
from harness.database.loading import LeavesDatabase, load
from harness.database.psql import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.database.psql import Psql


@contextmanager
def restored(psql: Psql, dump: bytes | IO[bytes], *, like: str) -> Iterator[str]:
    """Restore a plain dump, compressed or not, and yield the database's name; it is dropped at the end.

    The database is made from template0 with the encoding and locale of ``like``; psql stops at the first error.

    Raises:
        RestoreFailed: a statement fails, or the dump leaves its database (pg_dump -C).
        CorruptArchive: the dump's compression is damaged.
        LimitMet: it takes too long, or the machine is too small.
        DatabaseError: the database cannot be created or dropped.
    """
    name = f"gate_restored_{secrets.token_hex(4)}"
    psql.create(name, like=like)
    try:
        try:
            with opened(dump) as sql:
                load(psql, sql, name)
        except DamagedCompression as error:
            raise CorruptArchive(f"the dump cannot be read: {error}") from None
        except LeavesDatabase as error:
            message = f"the dump would restore over the source: {error}; see pgdumpOptions"
            raise RestoreFailed(message) from None
        except DatabaseError as error:
            raise RestoreFailed(f"the dump does not restore: {error}") from None
        yield name
    finally:
        psql.drop(name)
