"""The command line: ``pg-archive-gate COMMAND``, a file for each command."""

from __future__ import annotations

import signal
import sys
import traceback

import typer
from rich.console import Console

from harness.cli import compare, doctor, mutants, prove, report, run, shell, standby, template, watch
from harness.errors import GateError

NOT_TRIED = 2  # exit status: trouble that says nothing about backups

app = typer.Typer(
    help="Proves that the PostgreSQL backups of a NixOS host restore.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("prove")(prove.prove)
app.command("run")(run.run)
app.command("watch")(watch.watch)
app.command("standby", hidden=True)(standby.standby)
app.command("report")(report.report)
app.command("compare")(compare.compare)
app.command("mutants")(mutants.mutants)
app.command("doctor")(doctor.doctor)
app.command("shell")(shell.shell)
app.add_typer(template.app, name="template")


def main() -> None:
    """Run the command line; an error is a sentence, and only a defect of ours a traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        app()
    except GateError as error:
        Console(stderr=True).print(
            f"pg-archive-gate: {error}", style="red", markup=False, highlight=False, soft_wrap=True
        )
        sys.exit(NOT_TRIED)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except SystemExit as ended:
        if ended.code == 1 and not isinstance(ended.__context__, typer.Exit):
            sys.exit(NOT_TRIED)  # typer's, of a pipe that nobody reads: ours is a verdict
        raise
    except Exception:  # noqa: BLE001 - Python's status for it is that of a verdict, too
        traceback.print_exc()
        sys.exit(NOT_TRIED)
