"""The end of the unit that dumps a database, good or bad: its ExecStopPost=.

A dump that failed, and an archive step that was killed, could not tell monitoring: it does. If the archive step has
told how it ended, it does nothing. It fails if the dump succeeded and no archive step followed: where a unit's commands
change while it runs, as by a switch of the system, systemd does not go on to the next, and calls that a success.
systemd says how the unit ended by $SERVICE_RESULT, $EXIT_CODE and $EXIT_STATUS.
"""

from __future__ import annotations

import argparse
import os

from pg_archive import runtime
from pg_archive.configuration import Configuration
from pg_archive.errors import ConfigurationError, StepMissing
from pg_archive.report import report

HELP = "tell monitoring of a run that failed, and fail if none was archived, after the unit's end (ExecStopPost=)"
_SKIPPED = "exec-condition"  # of the unit; systemd.exec(5)


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("database", metavar="DB")


def main(configuration: Configuration, arguments: argparse.Namespace) -> int:
    """Do it, if nobody did."""
    result = os.environ.get("SERVICE_RESULT")
    if result is None:
        raise ConfigurationError("SERVICE_RESULT", "is not set", "let a unit call this: ExecStopPost=")
    state = runtime.noted()
    database = configuration.database(arguments.database).name
    if result == _SKIPPED or state == runtime.REPORTED or (result == "success" and state != runtime.BEGUN):
        return 0
    missing = StepMissing("archive", "this step never began", "nothing was uploaded; start this unit again")
    report(configuration, database, {}, str(missing) if result == "success" else _failure(result, state))
    if result == "success":
        raise missing
    return 0


def _failure(result: str, state: str) -> str:
    ended = " ".join(os.environ[name] for name in ("EXIT_CODE", "EXIT_STATUS") if name in os.environ)
    how = f"{result}, {ended}" if ended else result
    if state == runtime.ARCHIVING:
        what = "the archive step was ended"
    elif state == runtime.BEGUN:
        what = "the dump failed, or another step before archiving"
    else:
        what = "the run failed before the dump"
    return f"{what} ({how}); the journal of the unit says more"
