"""``pg-archive-gate mutants``: defects that the tests must notice."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from harness.mutants.mutant import Mutant

MISSED, NOT_JUDGED = 1, 2  # exit statuses
_WIDTH = 160


def mutants(
    only: Annotated[
        list[str] | None, typer.Option("--id", metavar="ID", help="Only this one; can be repeated.")
    ] = None,
    full: Annotated[bool, typer.Option(help="On each mutant of the module, all scenarios.")] = False,
    shard: Annotated[str, typer.Option(metavar="K/N", help="Only the K-th of N parts, for several runners.")] = "1/1",
    json: Annotated[
        Path | None, typer.Option(help="Also write this file, in the mutation-testing-report-schema.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Also write this file, as JUnit's XML.")] = None,
) -> None:
    """Put the defects of mutants/ into copies of the module and the gate, and see that the tests they name notice.

    First the same tests must be green without a mutant. Exit status: 0 all were noticed; 1 one was not, or not by the
    tests that name it; 2 one could not be judged.
    """
    from harness.host.progress import Progress  # noqa: PLC0415 - --help answers at once
    from harness.host.workspace import Workspace, sweep  # noqa: PLC0415
    from harness.mutants.campaign import Campaign  # noqa: PLC0415
    from harness.mutants.catalogue import chosen, load  # noqa: PLC0415
    from harness.mutants.score import Score  # noqa: PLC0415

    listed = _part(shard, sorted(chosen(load(), only or ()), key=lambda mutant: mutant.id))
    progress = Progress()
    for sentence in sweep():
        progress.say(sentence)
    with Workspace() as workspace:
        workers = len(os.sched_getaffinity(0))
        campaign = Campaign(listed, workspace=workspace, progress=progress, workers=workers, full=full)
        score = Score(tuple(campaign.run()))
    console = Console()
    if not console.is_terminal:
        console.width = _WIDTH
    console.print(score.table())
    console.print(score.summary(), markup=False)
    if json:
        json.write_text(score.report().to_json())
    if junit:
        junit.write_text(score.junit())
    if score.missed:
        raise typer.Exit(MISSED)
    if not score.judged:
        raise typer.Exit(NOT_JUDGED)


def _part(shard: str, items: list[Mutant]) -> list[Mutant]:
    """Return the K-th of N parts."""
    found = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", shard)
    if found is None or int(found[1]) > int(found[2]):
        raise typer.BadParameter(f"--shard {shard}: write K/N, such as 1/4")
    return items[int(found[1]) - 1 :: int(found[2])]
