"""Note that a run begins: ExecStartPre= of the unit that dumps a database and then runs `pg-archive run`.

The unit needs RuntimeDirectory=, where the note lies until the unit ends.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from pg_archive.configuration import Configuration
from pg_archive.dump import Stamp
from pg_archive.errors import ConfigurationError
from pg_archive.ping import ping

HELP = "note that a run begins, before the dump (ExecStartPre=)"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("database", metavar="DB")


def main(configuration: Configuration, arguments: argparse.Namespace) -> int:
    """Note which file is the dump now, and tell the dead man's switch."""
    database = configuration.database(arguments.database)
    if database.dump is None:
        raise ConfigurationError(f"databases.{database.name}.dump", "is missing", "name the dump's file")
    Stamp.of(database.dump).save(stamp_file())
    ping(configuration.ping_url_file, "start")
    return 0


def stamp_file() -> Path:
    """Return where the note lies.

    Raises:
        ConfigurationError: the unit has no RuntimeDirectory=.
    """
    directory = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    if not directory:
        mend = "set RuntimeDirectory= in the unit; by hand, `pg-archive run` takes --since"
        raise ConfigurationError("RUNTIME_DIRECTORY", "is not set", mend)
    return Path(directory) / "begun.json"
