"""``pg-archive-gate prove``: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from harness.cli import files
from harness.cli.options import with_options
from harness.cli.running import running_gate
from harness.options import Options

NOT_PROVEN = 1  # exit status


@with_options
def prove(
    options: Options,
    json: Annotated[Path | None, typer.Option(help="Also write the result to this file as data.")] = None,
) -> None:
    """Boot a real machine, fire every backup unit, take the objects out of each store, decrypt, restore, compare.

    Exit status: 0 proven, 1 not proven, 2 it could not be tried.
    """
    from harness.cli import proof as job  # noqa: PLC0415 - --help answers at once

    files.check(json)
    with running_gate(options) as (gate, progress):
        progress.say(f"gate: {gate.description}")
        proof = job.prove(gate, progress)
    job.show(proof, Console())
    if json:
        job.write_json(proof, json)
    if not proof.proven:
        raise typer.Exit(NOT_PROVEN)
