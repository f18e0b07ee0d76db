"""``pg-archive-gate report``: the page of records that are there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.errors import GateError


class NoRecordError(GateError):
    """There is nothing to report."""


def report(
    evidence: Annotated[
        list[Path], typer.Argument(metavar="DIRECTORY...", help="Where scenarios have left their records.", exists=True)
    ],
    page: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The page.")] = Path("report.html"),
) -> None:
    """Write one page, to be opened without a network, from the records below some directories."""
    from harness.evidence.record import Record  # noqa: PLC0415 - --help answers at once
    from harness.evidence.report.page import write  # noqa: PLC0415

    found = {path: record for directory in evidence for path, record in Record.below(directory).items()}
    if not found:
        raise NoRecordError(f"there is no record.json below {', '.join(map(str, evidence))}; each scenario leaves one")
    write(found, page)
    typer.echo(f"{page}: {len(found)} scenarios")
