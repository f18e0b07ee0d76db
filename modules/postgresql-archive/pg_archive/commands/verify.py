"""Prove that each target's newest archive restores: fetch it, restore it into a scratch database, count its rows.

What the same bytes have proven already in another target is fetched and compared, and not restored again. The scratch
database is dropped on every way out. Fails if any target fails, or that one stays, when all have been looked at.
"""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime

from pg_archive.cli import say, say_error
from pg_archive.commands.list import age
from pg_archive.configuration import Configuration
from pg_archive.errors import DatabaseError, PgArchiveError, SomeTargetsFailed, Stopped, TargetError
from pg_archive.manifest import Manifest
from pg_archive.names import ArchiveName, is_ahead
from pg_archive.openpgp import Digest
from pg_archive.postgres import Postgres
from pg_archive.restoring import examine, load
from pg_archive.scratch import Scratch, check_space
from pg_archive.selection import Retrieved
from pg_archive.source import Inventory, Source, inventories, sources_of

HELP = "prove that each target's newest archive restores"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("database", metavar="DB")
    parser.add_argument("--target", metavar="TARGET", help="look at this one only")
    parser.add_argument(
        "--max-age", metavar="AGE", type=_age, help="fail if a target's newest archive is older, such as 90m, 26h or 2d"
    )


def _age(text: str) -> float:
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([smhdw]?)", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no age; write it such as 90m, 26h or 2d")
    return float(match[1]) * _UNITS.get(match[2], 1)


def main(configuration: Configuration, arguments: argparse.Namespace) -> int:
    """Do it."""
    database = configuration.database(arguments.database)
    sources = sources_of(configuration, database, arguments.target, to_open=True)
    postgres = Postgres(configuration.postgresql_port)
    verification = Verification(database.name, postgres, arguments.max_age)
    found, failed = inventories(sources)
    for error in failed:
        say_error(error)
    for source, inventory in found.items():
        try:
            verification.verify(source, inventory)
        except Stopped:
            raise
        except PgArchiveError as error:
            failure = (
                error
                if isinstance(error, TargetError)
                else TargetError(str(source), error.step, error.cause, error.mend)
            )
            failed.append(failure)
            say_error(failure)
    if failed:
        names = ", ".join(error.target for error in failed)
        cause = f"{len(failed)} of {len(sources)} targets failed: {names}"
        raise SomeTargetsFailed("verify", cause, "each one's line above says why")
    if postgres.left:  # each verification would leave one more, until the disk is full
        names = ", ".join(dict.fromkeys(postgres.left))
        raise DatabaseError("verify", f"it could not drop {names}", "the line above says why")
    return 0


class Verification:
    """Of one database's archives, target by target."""

    def __init__(self, database: str, postgres: Postgres, max_age: float | None) -> None:
        self._database = database
        self._postgres = postgres
        self._max_age = max_age
        self._like = database if database in postgres.databases() else None
        postgres.check_restricted()
        self._proven: dict[Digest, str] = {}
        """Ciphertexts that were restored, and from where."""

    def verify(self, source: Source, inventory: Inventory) -> None:
        """Look at one target.

        Raises:
            TargetError: its newest archive is missing, too old, damaged, or does not restore to what it should.
            PgArchiveError: it could not be looked at, as where the disk is too small.
            Stopped: the program is ending.
        """
        if not inventory.finished:
            raise TargetError(str(source), "verify", f"it has no archive of {self._database}", "look at the last runs")
        name, size = max(inventory.finished.items())
        with Scratch() as scratch:
            manifest = source.manifest(name, size)
            check_space(scratch, manifest.ciphertext.size + manifest.dump.size)
            source.fetch(manifest, scratch / "archive")
            proven = self._proven.get(manifest.ciphertext)
            if proven is None:
                dump = source.decrypt(manifest, scratch / "archive", scratch / "dump")
                count = self._restore(Retrieved(manifest, dump, source))
                self._proven[manifest.ciphertext] = str(source)
                word = f"restores, with {count} rows in {len(manifest.rows)} tables as archived"
            else:
                word = f"has the bytes that were restored from {proven}"
        self._check_age(source, name, manifest)
        seconds = (datetime.now(UTC) - manifest.time).total_seconds()
        say(f"target {source}: {name}, {age(seconds)} old, {word}.")

    def _check_age(self, source: Source, name: ArchiveName, manifest: Manifest) -> None:
        if self._max_age is None or source.target.refuses:
            return
        if is_ahead(manifest.time):
            cause = f"its newest archive, {name}, is dated in the future, so that newer ones are not seen"
            raise TargetError(str(source), "verify", cause, "set this host's clock, or move that archive away")
        seconds = (datetime.now(UTC) - manifest.time).total_seconds()
        if seconds > self._max_age:
            cause = f"its newest archive, {name}, is {age(seconds)} old, more than {age(self._max_age)}"
            raise TargetError(str(source), "verify", cause, "look at the last runs")

    def _restore(self, retrieved: Retrieved) -> int:
        """Restore into a scratch database and count; return the number of archived rows."""
        name = retrieved.manifest.archive
        tables = retrieved.manifest.rows
        try:
            found = examine(retrieved, self._postgres, None)
            with self._postgres.temporary(like=self._like, encoding=found.encoding, owner=None) as scratch:
                load(retrieved, found, self._postgres, scratch, None)
                counted = self._postgres.rows(scratch, tables)
                # Which have the rows that their extension comes with, too: no dump contains those.
                filled = self._postgres.of_extensions(scratch, tables)
        except Stopped:
            raise
        except PgArchiveError as error:
            raise TargetError(str(retrieved.source), f"restore of {name}", error.cause, error.mend) from None
        for table, rows in tables.items():
            found_rows = counted.get(table, -1)
            if found_rows < rows or (found_rows > rows and table not in filled):
                cause = f"{table} has {counted.get(table, 'no')} rows when restored, and {rows} in the dump"
                raise TargetError(
                    str(retrieved.source), f"restore of {name}", cause, "look at triggers and rules there"
                )
        return sum(tables.values())
