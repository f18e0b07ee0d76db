"""Archive the dump that this run made: encrypt it, upload it to each target, read it back from each.

Prints a line per target; fails if any target failed, when all have been attempted.
"""

from __future__ import annotations

import argparse
import os
import pwd
from typing import TYPE_CHECKING

from pg_archive import runtime
from pg_archive.archiving import Run
from pg_archive.cli import say
from pg_archive.configuration import Configuration, Database
from pg_archive.errors import ConfigurationError, Locked, PgArchiveError
from pg_archive.metrics import Delivered
from pg_archive.moment import moment
from pg_archive.report import report
from pg_archive.stamp import Stamp
from pg_archive.workplace import Workplace

if TYPE_CHECKING:
    from datetime import datetime

HELP = "archive the dump that this run made"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("database", metavar="DB")
    parser.add_argument(
        "--since",
        metavar="TIME",
        type=moment,
        help="by hand: take a dump that is no older than this, in ISO 8601, instead of the unit's own; "
        "without a zone: UTC",
    )


def main(configuration: Configuration, arguments: argparse.Namespace) -> int:
    """Do it."""
    database = configuration.database(arguments.database)
    _check_user(database)
    delivered: dict[str, Delivered | None] = {}
    runtime.note(runtime.ARCHIVING)
    try:
        _archive(configuration, database, arguments.since, delivered)
    except Locked:
        runtime.note(runtime.REPORTED)  # by the other run
        raise
    except (PgArchiveError, OSError) as error:
        report(configuration, database.name, delivered, str(error))
        raise
    report(configuration, database.name, delivered, "")
    return 0


def _check_user(database: Database) -> None:
    """See that root does not leave files that the unit's user cannot use: its lock, and what waits in the spool."""
    try:
        owner = database.dump.stat().st_uid if database.dump is not None else 0
    except OSError:
        return  # the run says what is wrong
    if os.geteuid() != 0 or owner == 0:
        return
    try:
        user = pwd.getpwuid(owner).pw_name
    except KeyError:
        user = str(owner)
    mend = f"start its unit instead, or run this as {user}, by runuser -u {user} --"
    raise ConfigurationError("run", f"root is not {user}, whose dump {database.dump} is", mend)


def _archive(
    configuration: Configuration, database: Database, since: datetime | None, delivered: dict[str, Delivered | None]
) -> None:
    if database.dump is None:
        raise ConfigurationError(f"databases.{database.name}.dump", "is missing", "name the dump's file")
    start = Stamp.load(runtime.stamp_file()) if since is None else since.timestamp()
    with Workplace(database.dump.parent, database.name) as workplace:
        Run(configuration, database, database.dump, workplace, delivered).archive(start)
        say("Removing local encrypted database dump...")
    say("Local encrypted database file is removed successfully.")
