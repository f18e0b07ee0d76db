"""Tell monitoring of a run that failed where it could not tell itself: ExecStopPost= of the unit that dumps a database.

It does so for a dump that failed, and for an archive step that was killed; if the unit succeeded, or the archive step
has told how it ended, it does nothing. systemd says how the unit ended by $SERVICE_RESULT, $EXIT_CODE and $EXIT_STATUS.
"""

from __future__ import annotations

import argparse
import os
import signal

from pg_archive import runtime
from pg_archive.configuration import Configuration
from pg_archive.errors import ConfigurationError
from pg_archive.report import report

HELP = "tell monitoring of a run that failed, after the unit's end (ExecStopPost=)"
_NO_FAILURE = ("success", "exec-condition")  # systemd.exec(5); exec-condition: the unit was skipped
_LIMIT = 30  # seconds; less than systemd waits for it, 90 by default


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("database", metavar="DB")


def main(configuration: Configuration, arguments: argparse.Namespace) -> int:
    """Do it, if nobody did."""
    result = os.environ.get("SERVICE_RESULT")
    if result is None:
        raise ConfigurationError("SERVICE_RESULT", "is not set", "let a unit call this: ExecStopPost=")
    state = runtime.noted()
    if result in _NO_FAILURE or state == runtime.REPORTED:
        return 0
    signal.alarm(_LIMIT)  # it ends the process even where Python would not look up, as in a name server that is slow
    report(configuration, configuration.database(arguments.database).name, {}, _failure(result, state))
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
