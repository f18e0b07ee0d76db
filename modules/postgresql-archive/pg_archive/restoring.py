"""A retrieved dump into an empty database."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator

from pg_archive.cli import say_error
from pg_archive.deadline import WEEK, Deadline
from pg_archive.dump import decompressed
from pg_archive.errors import DatabaseError, DumpError
from pg_archive.manifest import Manifest
from pg_archive.postgres import Postgres, identifier
from pg_archive.progress import Progress
from pg_archive.script import Survey, guarded, survey
from pg_archive.selection import Retrieved

_TIMEOUT_SINCE = 17  # each dump of these sets transaction_timeout, which older servers do not know

# What it may do who connects, and the role that takes its place does not, such as publish FOR ALL TABLES.
_FORBIDDEN = re.compile(r"permission denied|must be (?:a )?(?:able|member|owner|superuser)")


def examine(retrieved: Retrieved, postgres: Postgres, role: str | None) -> Survey:
    """Read the dump's text, and see that this server can take it, and ``role`` restore it.

    Raises:
        DumpError: it does not decompress, or fits no empty database.
        DatabaseError: this server lacks roles or tablespaces, or the role may not restore it.
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
        statements = " ".join(f"CREATE ROLE {identifier(each)};" for each in missing)
        cause = f"{name} gives rights or ownership to roles that this server lacks"
        raise DatabaseError("roles", cause, f"run in psql, then try again: {statements}")
    lacking = postgres.missing_tablespaces(found.tablespaces)
    if lacking:
        statements = " ".join(f"CREATE TABLESPACE {identifier(each)} LOCATION '/DIRECTORY';" for each in lacking)
        cause = f"{name} puts tables or indexes into tablespaces that this server lacks"
        raise DatabaseError("tablespaces", cause, f"run in psql, each with a directory, then try again: {statements}")
    others = [] if role is None else postgres.not_held(role, found.grantors)
    if role is not None and others:
        cause = f"{name} changes the default privileges of {', '.join(others)}, which {role} may not"
        raise DatabaseError("--role", cause, _as_superuser(role))
    return found


def check_version(manifest: Manifest, server: int) -> None:
    """See that a server of a major version can take a dump, and say where that is not sure.

    Raises:
        DatabaseError: it cannot.
    """
    found = re.match(r"\d+", manifest.postgresql)
    if found is None or int(found[0]) <= server:
        return
    newer = f"{manifest.archive} is of PostgreSQL {found[0]}, and this server is {server}"
    if server < _TIMEOUT_SINCE <= int(found[0]):
        mend = f"install PostgreSQL {found[0]}, or take the dump, --to FILE"
        raise DatabaseError("restore", newer, mend)
    say_error(f"{newer}, which may not take all of it; if it fails, nothing is left of it")


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

    try:
        postgres.load(database, guarded(pieces(), role))
    except DatabaseError as error:
        if role is None or not _FORBIDDEN.search(error.cause):
            raise
        raise DatabaseError(error.step, error.cause, _as_superuser(role)) from None


def _as_superuser(role: str) -> str:
    statement = f"ALTER ROLE {identifier(role)}"
    return f"run in psql, then try again: {statement} SUPERUSER; and after the restore: {statement} NOSUPERUSER;"


def _text(retrieved: Retrieved) -> Iterator[bytes]:
    file = os.open(retrieved.dump, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield from decompressed(file, retrieved.manifest.compression, Deadline(WEEK))
    finally:
        os.close(file)
