"""See that archiving and restoring can work: configuration, keys, programs, PostgreSQL, and each target.

Reads only, unless --write: then for each database, in each target, one object, <prefix>pg-archive-probe, is written,
read back and, if the key may, deleted; else it stays, and `list` shows it as not usable. A key that may neither delete
nor make buckets is enough, unless a retention is configured.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
from collections.abc import Callable, Iterator

from pg_archive import openpgp
from pg_archive.cli import say, say_error
from pg_archive.configuration import Configuration, Database
from pg_archive.deadline import Deadline
from pg_archive.errors import ConfigurationError, PgArchiveError, SomeTargetsFailed, Stopped, TargetError
from pg_archive.keys import Keys
from pg_archive.passphrase import Passphrase
from pg_archive.postgres import Postgres
from pg_archive.rclone import Rclone
from pg_archive.scratch import Scratch
from pg_archive.source import Source, sources_of
from pg_archive.targets import written_to

HELP = "see that keys, programs and targets work"
PROBE = "pg-archive-probe"
_PROGRAMS = ("rclone", "psql")
_LIMIT = 60.0  # seconds for a step at a target


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("database", metavar="DB", nargs="?", help="default: all that are configured")
    parser.add_argument("--target", metavar="TARGET", help="look at this one only")
    parser.add_argument(
        "--write", action="store_true", help="also write, read back and delete one object for each database and target"
    )


def main(configuration: Configuration, arguments: argparse.Namespace) -> int:
    """Do it."""
    names = [arguments.database] if arguments.database else list(configuration.databases)
    if not names:
        raise ConfigurationError("databases", "are not configured", "name the database")
    databases = [configuration.database(name) for name in names]
    results = [
        _holds("programs", _programs(databases)),
        _holds("PostgreSQL", _postgres(configuration)),
    ]
    for database in databases:
        results.append(_holds(f"database {database.name}", _keys(configuration, database, arguments.target)))
        if results[-1]:
            results += [
                _holds(
                    f"database {database.name}, target {source}",
                    _target(configuration, database, source, arguments.write),
                )
                for source in sources_of(configuration, database, arguments.target)
            ]
    if not all(results):
        raise SomeTargetsFailed("check", "not all is well", "each line above says why and what to do")
    return 0


def _holds(what: str, findings: Iterator[str]) -> bool:
    """Say what is found; whether all is well."""
    try:
        for finding in findings:
            say(f"{what}: {finding}")
    except Stopped:
        raise
    except PgArchiveError as error:
        say_error(error if isinstance(error, TargetError) else f"{what}: {error}")
        return False
    return True


def _programs(databases: list[Database]) -> Iterator[str]:
    needed = dict.fromkeys(_PROGRAMS)
    for database in databases:
        needed["age" if database.recipients else "gpg"] = None
        if database.compression == "zstd":
            needed["zstd"] = None
    for program in needed:
        path = shutil.which(program)
        if path is None:
            raise ConfigurationError(program, "is not on PATH", f"install {program}")
        yield path


def _postgres(configuration: Configuration) -> Iterator[str]:
    postgres = Postgres(configuration.postgresql_port)
    yield f"has {len(postgres.databases())} databases"
    postgres.check_restricted()
    yield "psql can be kept from obeying commands in a dump"


def _keys(configuration: Configuration, database: Database, target: str | None) -> Iterator[str]:
    sources = sources_of(configuration, database, target)
    deadline = Deadline(_LIMIT)
    if database.dump is not None and target is None:
        written_to((source.target for source in sources), Rclone(configuration.rclone_config), deadline)
    if database.recipients:
        keys = Keys(recipients=database.recipients)
        keys.check(deadline)
        keys.encrypt_bytes(b"probe", deadline)
        found = f"its {len(database.recipients)} recipients can be encrypted to"
    else:
        if database.dump is not None and database.passphrase_file is not None:  # a run takes no short one
            Passphrase.read(database.passphrase_file, configuration.minimum_passphrase_length)
        found = "its passphrase file can be used"
    yield f"{found}; its targets are {', '.join(map(str, sources))}"


def _target(configuration: Configuration, database: Database, source: Source, write: bool) -> Iterator[str]:
    inventory = source.inventory()
    yield f"lists {len(inventory.finished)} archives, and {len(inventory.apart)} files that are none"
    if inventory.finished:
        name, size = max(inventory.finished.items())
        if flag := source.lacks(name):
            yield f"the newest, {name}, has a manifest, which only {flag} FILE opens"
        else:
            source.manifest(name, size)
            yield f"the newest, {name}, has a manifest that this key opens"
    if not write:
        return
    if source.target.refuses:
        yield f"nothing is written: {source.target.refuses}"
        return
    remote = source.target.at(f"{database.prefix}{PROBE}")
    rclone = Rclone(configuration.rclone_config)
    content = secrets.token_bytes(1000)
    with Scratch() as scratch:
        file = scratch / PROBE
        file.write_bytes(content)
        _step(source, "write", lambda: rclone.write(file, remote, Deadline(_LIMIT)))
    _step(source, "read back", lambda: _same(source, rclone.digest(remote, Deadline(_LIMIT)), openpgp.digest(content)))
    yield f"{PROBE} was written and came back the same"
    try:
        rclone.delete(remote, Deadline(_LIMIT))
    except Stopped:
        raise
    except PgArchiveError as error:
        if source.target.options.retention is not None:
            mend = "allow it, or remove the retention"
            raise TargetError(str(source), "delete", f"{error.cause}, and a retention is configured", mend) from None
        yield f"{PROBE} stays there: this key may not delete, which is fine and safer ({error.cause})"
    else:
        yield f"{PROBE} is deleted again"


def _step(source: Source, step: str, act: Callable[[], object]) -> None:
    try:
        act()
    except (Stopped, TargetError):
        raise
    except PgArchiveError as error:
        raise TargetError(str(source), step, error.cause, error.mend) from None


def _same(source: Source, found: openpgp.Digest, written: openpgp.Digest) -> None:
    if found != written:
        raise TargetError(
            str(source),
            "read back",
            "other bytes came back than were written",
            "the store or the way there damages data",
        )
