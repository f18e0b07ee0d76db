"""``pg-archive-gate standby``: what ``watch`` starts, for a first answer in seconds."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import typer

from harness.cli.options import with_options
from harness.cli.running import running_gate
from harness.errors import GateError
from harness.options import Options

if TYPE_CHECKING:
    from harness.gate import Gate
    from harness.guest.guest import Spare


@with_options
def standby(options: Options) -> None:
    """Wait with a machine for a line on stdin, the time of a change; then judge a round trip of the first database.

    Exit status: 0 it keeps the laws, 1 it breaks one, 2 it could not be judged.
    """
    from harness.evidence.answer import BREAKS  # noqa: PLC0415 - --help answers at once

    with running_gate(options) as (gate, _), ExitStack() as stack:
        try:
            spare = stack.enter_context(gate.waiting())
        except GateError:
            spare = None  # the module is broken now, and may be mended when it is asked for
        changed = sys.stdin.readline()
        if not changed:
            return  # whoever started it is gone
        now = gate.again()
        wrong = round_trip(now, spare)
        told = f"{now.site.databases[0]}: {wrong or 'each store has an archive of it that restores'}"
        typer.echo(
            f"{told}\n{'broken' if wrong else 'kept'}, {time.monotonic() - float(changed):.1f} s after the change"
        )
    if wrong:
        raise typer.Exit(BREAKS)


def round_trip(gate: Gate, spare: Spare | None) -> str:
    """Back up the first database on a machine that becomes the site's; return which laws that breaks, or "".

    Raises:
        GateError: it cannot be found out, as where the module does not evaluate.
    """
    from harness.trial.law import LawBroken  # noqa: PLC0415 - --help answers at once

    with gate.trial(machine=gate.guest.on(spare, "machine")) as trial:
        database = gate.site.databases[0]
        with gate.progress.phase("backup", f"backing up {database}"):
            run = trial.backup(database)
        try:
            with gate.progress.phase("judge", f"restoring {database} from each store and comparing"):
                trial.laws(run)
        except LawBroken as broken:
            return trial.leaks.redact(str(broken))
        if unclear := next((each for each in trial.findings.laws if each.holds is None), None):
            raise GateError(str(unclear))
        return "" if run.succeeded else f"{run.unit} is red: {run.result}\n{run.journal}"
