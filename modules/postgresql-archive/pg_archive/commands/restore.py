"""Restore a database's archive: fetched, authenticated and decrypted completely before PostgreSQL gets a byte of it.

The database is restored under a temporary name and gets its own when all of it is there; a load that fails leaves
nothing. On a blank machine, give --rclone-config, --remote, and --passphrase-file or --identity. PostgreSQL is reached
as psql reaches it (PGHOST, PGUSER, …); root without those becomes postgres. The archive and the dump go to $TMPDIR
(default: /var/tmp); with --to FILE, to the directory of FILE.
"""

from __future__ import annotations

import argparse
import errno
import os
from datetime import UTC, datetime
from pathlib import Path

from pg_archive.cli import say, say_error
from pg_archive.configuration import Configuration
from pg_archive.errors import ConfigurationError, DatabaseError, DeadlinePassed, PgArchiveError
from pg_archive.moment import moment
from pg_archive.postgres import LENGTH, Postgres, identifier, shortened
from pg_archive.restoring import check_version, examine, load
from pg_archive.scratch import Scratch
from pg_archive.selection import Wish, retrieve
from pg_archive.source import Source, sources_of

HELP = "restore a database, or fetch its dump"

_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}  # link(2), as on a stick with FAT


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("database", metavar="DB")
    parser.add_argument("--target", metavar="TARGET", help="take it from this one only")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--archive", metavar="NAME", help="this archive (default: the newest)")
    which.add_argument(
        "--at",
        metavar="TIME",
        type=moment,
        help="the newest archive that was finished by this time, in ISO 8601; without a zone: UTC. Its data is older, "
        "as of the beginning of the dump",
    )
    parser.add_argument(
        "--or-older", action="store_true", help="if no copy of that archive can be used, take the one before"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--into", metavar="NAME", help="restore into a new database of this name (default: DB)")
    where.add_argument(
        "--replace",
        action="store_true",
        help="put it in the place of DB, whose rights and settings it gets, and which is kept under another name; ends "
        "its sessions",
    )
    where.add_argument(
        "--to", metavar="FILE", type=Path, help="only write the dump, compressed as it was, to a new file"
    )
    parser.add_argument(
        "--role",
        metavar="ROLE",
        help="owner of the database, and of everything for which the dump names no owner: with pg_dump --no-owner, of "
        "all tables",
    )


def main(configuration: Configuration, arguments: argparse.Namespace) -> int:
    """Do it."""
    database = configuration.database(arguments.database)
    sources = sources_of(configuration, database, arguments.target, to_open=True)
    wish = Wish(arguments.archive, arguments.at, arguments.or_older)
    if arguments.to is not None:
        _to_file(sources, wish, arguments.to)
        return 0
    _to_database(sources, wish, database.name, arguments, Postgres(configuration.postgresql_port))
    return 0


def _to_file(sources: list[Source], wish: Wish, file: Path) -> None:
    if file.is_dir():
        raise ConfigurationError("--to", f"{file} is a directory", "name a new file")
    if file.exists() or file.is_symlink():
        raise ConfigurationError("--to", f"{file} exists", "name a new file")
    with Scratch(file.absolute().parent, "give --to a file in a directory of this user") as scratch:
        retrieved = retrieve(sources, wish, scratch)
        try:
            give_name(retrieved.dump, file)
        except OSError as error:
            raise PgArchiveError("--to", f"{file} cannot be created: {error.strerror}", "name another file") from None
    say(f"{file} is the dump of {retrieved.manifest.database}, compression: {retrieved.manifest.compression}.")


def give_name(dump: Path, file: Path) -> None:
    """Let a dump have this name, in place of nothing. Raises OSError if it cannot."""
    try:
        os.link(dump, file)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        file.touch(exist_ok=False)
        dump.rename(file)


def _to_database(
    sources: list[Source], wish: Wish, database: str, arguments: argparse.Namespace, postgres: Postgres
) -> None:
    name = arguments.into or database
    existing = postgres.databases()
    replaced = name in existing
    if replaced and not arguments.replace:
        mend = "give another name by --into NAME, or put it in this one's place by --replace"
        raise DatabaseError("restore", f"the database {name} exists and is left alone", mend)
    if len(name.encode()) > LENGTH:
        cause = f"{name} is longer than the {LENGTH} bytes that PostgreSQL keeps of a name"
        raise ConfigurationError("--into", cause, "give a shorter one")
    if arguments.role is not None and postgres.missing_roles([arguments.role]):
        statement = f"CREATE ROLE {identifier(arguments.role)};"
        raise ConfigurationError("--role", f"this server has no role {arguments.role}", f"run in psql: {statement}")
    if replaced:
        postgres.check_prepared(name)
    postgres.check_restricted()
    server = postgres.version()
    with Scratch() as scratch:
        retrieved = retrieve(sources, wish, scratch, lambda manifest: check_version(manifest, server))
        found = examine(retrieved, postgres, arguments.role)
        if replaced:
            _check_encoding(name, postgres.encoding(name), found.encoding)
        present = database if database in existing else None
        # Its locale sorts and compares as the archived one did. If it was made again since, in another encoding, a copy
        # beside it takes what the dump is of.
        alike = present is not None and postgres.encoding(present) == found.encoding
        like = name if replaced else (present if alike else None)
        making = postgres.temporary(like=like, encoding=found.encoding, owner=arguments.role, inherits=replaced)
        with making as temporary:
            load(retrieved, found, postgres, temporary, arguments.role)
            aside = shortened(name, f"_until_{datetime.now(UTC):%Y%m%dT%H%M%SZ}") if replaced else None
            # A copy beside it is no more open than that.
            publish(postgres, temporary, name, like=present, aside=aside)
    if aside is not None:
        _say_slots(aside, postgres.slots(aside))
        say(f"The database that was there is now {aside}; drop it when you no longer need it.")
    say(f"Restored {retrieved.manifest.archive} into the database {name}.")


def publish(postgres: Postgres, temporary: str, name: str, *, like: str | None, aside: str | None) -> None:
    """Give a loaded database its name; if that fails, keep it under another, as to load it may have taken hours.

    Raises:
        DatabaseError, DeadlinePassed: it did not get its name.
    """
    try:
        postgres.publish(temporary, name, like=like, aside=aside)
    except (DatabaseError, DeadlinePassed) as error:
        kept = shortened(name, f"_restored_{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        # What failed may be what the present one's rights and settings need.
        for source in (None,) if aside is None else (name, None):
            try:
                postgres.keep(temporary, kept, like=source)
            except (DatabaseError, DeadlinePassed):
                continue
            break
        else:
            raise
        say(f"To give {kept} the name {name}, run in psql:")
        if aside is not None:
            say(f"    ALTER DATABASE {identifier(name)} RENAME TO {identifier(aside)};")
        say(f"    ALTER DATABASE {identifier(kept)} RENAME TO {identifier(name)};")
        mend = f"{error.mend.removesuffix(', and try again')}; " if error.mend else ""
        mend += f"what was restored is whole, and kept as {kept}: do not restore again, the lines above put it in place"
        mend += "" if source else "; it has no settings of its own, and only its owner may connect"
        raise type(error)(error.step, error.cause, mend) from None


def _check_encoding(name: str, present: str, archived: str) -> None:
    """See that what takes a database's place, in its encoding, can hold the dump: UTF-8 holds any."""
    if present in (archived, "UTF8"):
        return
    cause = f"the database {name} is in {present}, and the dump in {archived}"
    statement = f"CREATE DATABASE {identifier(name)} TEMPLATE template0 ENCODING '{archived}' LOCALE 'C';"
    mend = f"drop it if it is empty, or rename it, and make it again, in this locale or another: {statement}"
    raise DatabaseError("--replace", cause, mend)


def _say_slots(database: str, slots: list[str]) -> None:
    """Say which slots nobody reads from any more, as subscribers connect to the restored database."""
    if slots:
        cause = f"{', '.join(slots)} stayed with {database} and keep WAL from now on, until the disk is full"
        say_error(
            f"replication slots: {cause}; drop them (pg_drop_replication_slot), and set up their subscribers again"
        )
