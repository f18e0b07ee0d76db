"""Note that a run begins: ExecStartPre= of the unit that dumps a database and then runs `pg-archive run`.

The unit needs RuntimeDirectory=, where the note lies until the unit ends.
"""

from __future__ import annotations

import argparse

from pg_archive import runtime
from pg_archive.configuration import Configuration
from pg_archive.errors import ConfigurationError
from pg_archive.ping import ping
from pg_archive.stamp import Stamp

HELP = "note that a run begins, before the dump (ExecStartPre=)"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("database", metavar="DB")


def main(configuration: Configuration, arguments: argparse.Namespace) -> int:
    """Note which file is the dump now, and tell the dead man's switch."""
    database = configuration.database(arguments.database)
    if database.dump is None:
        raise ConfigurationError(f"databases.{database.name}.dump", "is missing", "name the dump's file")
    Stamp.of(database.dump).save(runtime.stamp_file())
    runtime.note(runtime.BEGUN)
    ping(configuration.ping_url_file, "start")
    return 0
