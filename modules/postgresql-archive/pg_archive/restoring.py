"""A retrieved dump into an empty database."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator

from pg_archive.deadline import Deadline
from pg_archive.dump import decompressed
from pg_archive.errors import DatabaseError, DumpError
from pg_archive.postgres import Postgres, identifier
from pg_archive.progress import Progress
from pg_archive.script import Survey, guarded, survey
from pg_archive.selection import Retrieved
from pg_archive.source import DAY


def examine(retrieved: Retrieved, postgres: Postgres) -> Survey:
    """Read the dump's text, and see that this server can take it.

    Raises:
        DumpError: it does not decompress, or fits no empty database.
        DatabaseError: this server lacks roles.
    """
    try:
        found = survey(_text(retrieved))
    except zlib.error as error:
        raise DumpError("dump", f"does not decompress: {error}", "use another archive") from None
    name = retrieved.manifest.archive
    if found.objection:
        mend = "take it --to FILE and give that to psql; for the next ones, change pgdumpOptions"
        raise DumpError("dump", f"{name} {found.objection}", mend)
    missing = postgres.missing_roles(found.roles)
    if missing:
        statements = " ".join(f"CREATE ROLE {identifier(role)};" for role in missing)
        cause = f"{name} gives rights or ownership to roles that this server lacks"
        raise DatabaseError("roles", cause, f"run in psql, then try again: {statements}")
    return found


def load(retrieved: Retrieved, found: Survey, postgres: Postgres, database: str, role: str | None) -> None:
    """Restore it, all or nothing.

    Raises:
        DatabaseError: a statement failed, or the dump contains a command for psql.
    """
    progress = Progress(f"Restoring {retrieved.manifest.archive}", found.size)

    def pieces() -> Iterator[bytes]:
        for piece in _text(retrieved):
            yield piece
            progress.add(len(piece))

    postgres.load(database, guarded(pieces(), role))


def _text(retrieved: Retrieved) -> Iterator[bytes]:
    file = os.open(retrieved.dump, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield from decompressed(file, retrieved.manifest.compression, Deadline(DAY))
    finally:
        os.close(file)
