"""``pg-archive-gate report``: the page of records that are there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from harness.cli import files
from harness.errors import GateError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.evidence.record import Record


class NoRecordError(GateError):
    """There is nothing to report."""


class ManyRecordsError(GateError):
    """It cannot be told what is compared with what."""


def report(
    evidence: Annotated[
        list[Path], typer.Argument(metavar="DIRECTORY...", help="Where scenarios have left their records.", exists=True)
    ],
    page: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The page.")] = Path("report.html"),
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="DIRECTORY",
            help="Judge the change since these records, of what the module was before; exit as run --baseline does.",
            exists=True,
        ),
    ] = None,
) -> None:
    """Write one page, to be opened without a network, from the records below some directories.

    Exit status: 0 it is written. With --baseline: 0 nothing is broken that was not before, 1 something is, 2 it could
    not be judged.
    """
    from harness.cli.verdict import show_change  # noqa: PLC0415 - --help answers at once
    from harness.evidence.change import Change  # noqa: PLC0415
    from harness.evidence.report.page import write  # noqa: PLC0415

    files.check(page)
    found = _below(*evidence)
    for twice in _twice(found) if not baseline else ():
        typer.echo(f"{twice}; both are on the page", err=True)
    change = Change.between(_once(_below(baseline)), _once(found)) if baseline else None
    with files.writing(page):
        write(found, page, change)
    typer.echo(f"{page}: {len(found)} scenario{'' if len(found) == 1 else 's'}")
    if change:
        show_change(change, Console())
        raise typer.Exit(change.status)


def _below(*directories: Path) -> dict[Path, Record]:
    """Return all records below some directories, by their files, without those of a run's baseline.

    Raises NoRecordError.
    """
    from harness.evidence.judging import BASELINE, EVIDENCE  # noqa: PLC0415 - --help answers at once
    from harness.evidence.record import Record  # noqa: PLC0415

    found = {
        path: record
        for directory in directories
        for path, record in Record.below(directory).items()
        if path.relative_to(directory).parts[-4:-2] != (BASELINE, EVIDENCE)
    }
    if not found:
        raise NoRecordError(
            f"there is no record.json below {', '.join(map(str, directories))}; each scenario leaves one"
        )
    return found


def _once(found: Mapping[Path, Record]) -> list[Record]:
    """Return the records. Raises ManyRecordsError if a scenario has several, as of two runs."""
    for twice in _twice(found):
        raise ManyRecordsError(f"{twice}: name the directory of one run")
    return list(found.values())


def _twice(found: Mapping[Path, Record]) -> Iterator[str]:
    """Say which scenarios have several records."""
    paths: dict[str, Path] = {}
    for path, record in found.items():
        if other := paths.get(record.name):
            yield f"{record.name} has two records, {other} and {path}"
        paths[record.name] = path
