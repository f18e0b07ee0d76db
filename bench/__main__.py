"""``./run bench [--quick] [--json FILE]``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench.backups import backups
from bench.disk import disk
from bench.frozen import frozen
from bench.machines import machines, thaws
from bench.result import Result
from bench.rows import rows
from bench.suite import first_verdict, suite
from bench.throughput import throughput
from harness.gate import Gate
from harness.host.cache import Cache
from harness.host.progress import Progress
from harness.host.workspace import Workspace
from harness.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDTH = 100
_SOME = "scenarios/test_encryption.py::test_no_other_passphrase_opens_it"  # one for each database, so for each worker


def main(
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write the results as data.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="The figures that matter, in three minutes.")] = False,
) -> None:
    """Measure the harness; takes some half an hour. Each figure has a ratio against another of the same run."""
    progress = Progress()
    results: list[Result] = []
    for result in _quick(progress) if quick else _all(progress):
        results.append(result)
        progress.say(_line(result))
    table = Table("name", "unit", "median", "min", "max", "runs", "ratio", "against")
    for result in results:
        table.add_row(*_cells(result))
    console = Console()
    console.width = max(console.width, _WIDTH)  # a pipe has 80 columns, and names would be cut
    console.print(table)
    if json_file:
        json_file.write_text(json.dumps({"results": [result.to_json() for result in results]}, indent=2) + "\n")


def _all(progress: Progress) -> Iterator[Result]:
    with Workspace() as workspace:
        gate = _gate(workspace, progress)
        yield from machines(gate, workspace)
        yield from backups(gate)
        yield from disk(gate)
        yield from rows(workspace)
        for megabytes in (64, 1000):
            yield from throughput(workspace, progress, megabytes=megabytes)
    yield from suite(progress)


def _quick(progress: Progress) -> Iterator[Result]:
    with Workspace() as workspace:
        gate = _gate(workspace, progress)
        yield from thaws(gate, workspace, runs=10)
        unit, *others = backups(gate, runs=2)
        yield from (unit, *others)
    yield from first_verdict(progress, runs=1, against=unit)
    yield from suite(progress, scenarios=_SOME, name="some", rounds=1)


def _gate(workspace: Workspace, progress: Progress) -> Gate:
    gate = Gate(Options(), cache=Cache(tell=progress.say), workspace=workspace, progress=progress)
    _ = frozen(gate).template
    return gate


def _line(result: Result) -> str:
    return f"{result.name}: {result.median:.4g} {result.unit}"


def _cells(result: Result) -> list[str]:
    figures = [f"{value:.4g}" for value in (result.median, min(result.values), max(result.values))]
    against = ["", ""] if result.against is None else [f"{result.ratio:.4g}", result.against.name]
    return [result.name, result.unit, *figures, str(len(result.values)), *against]


if __name__ == "__main__":
    typer.run(main)
