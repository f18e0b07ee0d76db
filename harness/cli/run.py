"""``pg-archive-gate run``: a verdict on a module."""

from __future__ import annotations

import json as data
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from harness.cli import files
from harness.cli.options import with_options
from harness.options import Options

_OUT = Path("pg-archive-gate")


@with_options
def run(
    options: Options,
    scenario: Annotated[
        str, typer.Option("--scenario", "-k", metavar="EXPRESSION", help="Only those, as pytest's -k chooses.")
    ] = "",
    quick: Annotated[bool, typer.Option("--quick", help="Only the few scenarios that see most.")] = False,
    out: Annotated[
        Path,
        typer.Option(metavar="DIRECTORY", help="For report.html, junit.xml, ctrf.json, badge.svg and the evidence."),
    ] = _OUT,
    baseline: Annotated[
        str,
        typer.Option(
            metavar="COMMIT|FILE", help="Judge the change since then: the same scenarios on what the module was before."
        ),
    ] = "",
    json: Annotated[Path | None, typer.Option(help="Also write the verdict to this file as data.")] = None,
) -> None:
    """Run the scenarios on a module and say which laws it keeps and which it breaks, and where the evidence is.

    Exit status: 0 it keeps them, 1 it breaks one, or a scenario failed, 2 it could not be judged. With --baseline:
    0 nothing is broken that was not before, 1 something is, 2 it could not be judged.
    """
    from harness.cli.baseline import options_of  # noqa: PLC0415 - --help answers at once
    from harness.cli.leaving import held, leave  # noqa: PLC0415
    from harness.cli.verdict import show  # noqa: PLC0415
    from harness.evidence.answer import Answer  # noqa: PLC0415
    from harness.evidence.change import Change  # noqa: PLC0415
    from harness.evidence.judging import BASELINE, EVIDENCE, judge  # noqa: PLC0415
    from harness.evidence.quick import QUICK  # noqa: PLC0415
    from harness.evidence.record import Record  # noqa: PLC0415

    files.check(json)
    directory = out.resolve()
    chosen = [*(["-k", scenario] if scenario else []), *(QUICK if quick else [])]
    with held(directory):
        before = None
        if baseline:
            with options_of(baseline, options) as former:
                typer.echo(f"judging the baseline, {baseline}", err=True)
                before = judge(directory / BASELINE, *former.words(), *chosen)
            typer.echo("judging what it is now", err=True)
        records = judge(directory, f"--junitxml={directory / 'junit.xml'}", *options.words(), *chosen)
        answer = Answer.of(records)
        change = Change.between(before, records) if before is not None else None
        show(answer, out, Console(), change)  # first: a full disk must not lose it
        leave(Record.below(directory / EVIDENCE), answer, directory, change)
        if json:
            document = answer.to_json() | ({"change": change.to_json()} if change else {})
            files.write(json, data.dumps(document, indent=2) + "\n")
    raise typer.Exit(change.status if change else answer.status)
