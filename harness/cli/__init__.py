"""The command line: ``pg-archive-gate COMMAND``, a file for each command."""

from __future__ import annotations

import importlib.metadata
import re
import signal
import sys
import traceback
from typing import Annotated

import typer
from rich.console import Console

from harness.cli import compare, doctor, mutants, prove, report, run, shell, standby, template, watch
from harness.errors import GateError
from harness.options import OPTIONS

NOT_TRIED = 2  # exit status: trouble that says nothing about backups
_TAKEN = "|".join(option.name for option in OPTIONS if not option.said.of_scenarios)

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


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"pg-archive-gate {importlib.metadata.version('pg-archive-gate')}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say the version, and end.")
    ] = False,
) -> None: ...


def main() -> None:
    """Run the command line; an error is a sentence, and only a defect of ours a traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        app()
    except GateError as error:
        Console(stderr=True).print(
            f"pg-archive-gate: {_named(str(error))}", style="red", markup=False, highlight=False, soft_wrap=True
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


def _named(sentence: str) -> str:
    """Return it with the command line's names of options, in place of pytest's."""
    return re.sub(rf"--gate-(?=(?:{_TAKEN})(?![\w-]))", "--", sentence)
