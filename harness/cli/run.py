"""``pg-archive-gate run``: a verdict on a module."""

from __future__ import annotations

import json as data
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

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
        Path, typer.Option(metavar="DIRECTORY", help="For report.html, junit.xml and the evidence of each scenario.")
    ] = _OUT,
    json: Annotated[Path | None, typer.Option(help="Also write the verdict to this file as data.")] = None,
) -> None:
    """Run the scenarios on a module and say which laws it keeps and which it breaks, and where the evidence is.

    Exit status: 0 it keeps them, 1 it breaks one, 2 it could not be judged.
    """
    from harness.cli.verdict import show  # noqa: PLC0415 - --help answers at once
    from harness.evidence.answer import Answer  # noqa: PLC0415
    from harness.evidence.judging import EVIDENCE, judge  # noqa: PLC0415
    from harness.evidence.record import Record  # noqa: PLC0415
    from harness.evidence.report.page import write  # noqa: PLC0415

    directory = out.resolve()
    words = [*options.words(), *(["-k", scenario] if scenario else []), *(["-m", "quick"] if quick else [])]
    records = judge(directory, f"--junitxml={directory / 'junit.xml'}", *words)
    answer = Answer.of(records)
    if json:
        json.write_text(data.dumps(answer.to_json(), indent=2) + "\n")
    write(Record.below(directory / EVIDENCE), directory / "report.html")
    show(answer, out, Console())
    raise typer.Exit(answer.status)
