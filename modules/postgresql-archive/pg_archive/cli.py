"""The command line: ``pg-archive COMMAND``. Each command is a module with ``add`` and ``main``, listed here."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TextIO

from pg_archive import process
from pg_archive.configuration import DEFAULT_FILE, Configuration
from pg_archive.errors import STATUSES, PgArchiveError, Stopped

COMMANDS = ("begin", "run", "finish", "list", "restore", "verify", "prune", "check")
"""Modules ``pg_archive.commands.NAME``: ``HELP``, ``add(parser)`` and ``main(configuration, arguments) -> int``."""

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status; errors are a sentence on stderr."""
    arguments = sys.argv[1:] if arguments is None else arguments
    # A unit starts this twice an hour for each database: only what is asked for is imported.
    named = [name for name in COMMANDS if arguments[:1] == [name]]
    parsed = _parser(named or COMMANDS).parse_args(arguments)
    for number in _SIGNALS:
        signal.signal(number, _on_signal)
    try:
        configuration = Configuration.load(parsed.config).with_flags(
            rclone_config=parsed.rclone_config,
            remote=parsed.remote,
            passphrase_file=parsed.passphrase_file,
            identity=parsed.identity,
        )
        status: int = parsed.main(configuration, parsed)
    except PgArchiveError as error:
        say_error(error)
        return error.status
    except OSError as error:
        say_error(f"{error.filename or 'this host'}: {error.strerror or error}; is the disk full, or another user's?")
        return PgArchiveError.status
    finally:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # all that is left is what they ask for
        process.end_all()
    return status


def say(line: str, to: TextIO | None = None) -> None:
    """Write a line of progress to stdout, which is the journal, or ``to`` another, at once."""
    print(line, file=to, flush=True)


def say_error(error: PgArchiveError | str) -> None:
    """Write what failed to stderr, at once."""
    print(f"pg-archive: {error}", file=sys.stderr, flush=True)


def _on_signal(number: int, _: FrameType | None) -> None:
    """End the children; the main thread unwinds and cleans up."""
    if process.stopping.is_set():
        return
    process.stop()
    if process.interruptible():
        raise Stopped(
            "stopped", f"by {signal.Signals(number).name}", "what was begun is removed, here or by the next run"
        )


def _parser(names: Sequence[str]) -> argparse.ArgumentParser:
    from importlib import import_module  # noqa: PLC0415

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--config", type=Path, metavar="FILE", help=f"the host's configuration (default: {DEFAULT_FILE}, if it exists)"
    )
    common.add_argument("--rclone-config", type=Path, metavar="FILE", help="rclone's configuration")
    common.add_argument(
        "--remote", metavar="REMOTE", help="an rclone remote (NAME:PATH), instead of the configured targets"
    )
    common.add_argument("--passphrase-file", type=Path, metavar="FILE", help="file whose only line is the passphrase")
    common.add_argument(
        "--identity", type=Path, metavar="FILE", help="age identity, which opens what was encrypted to its recipient"
    )
    parser = argparse.ArgumentParser(
        prog="pg-archive",
        description="Encrypted archives of PostgreSQL dumps in several stores, and their restore.",
        epilog=STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name in names:
        module = import_module(f"pg_archive.commands.{name}")
        command = commands.add_parser(
            name,
            help=module.HELP,
            description=module.__doc__,
            parents=[common],
            epilog=STATUSES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add(command)
        command.set_defaults(main=module.main)
    return parser
