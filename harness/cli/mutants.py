"""``pg-archive-gate mutants``: defects that the tests must notice."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from harness.cli import files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.mutants.mutant import Mutant
    from harness.mutants.verdict import Verdict

MISSED, NOT_JUDGED = 1, 2  # exit statuses
_WIDTH = 160


def mutants(
    only: Annotated[
        list[str] | None, typer.Option("--id", metavar="ID", help="Only this one; can be repeated.")
    ] = None,
    full: Annotated[bool, typer.Option(help="On each mutant of the module, all scenarios.")] = False,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="REVISION",
            help="Only those that a change since this revision of git may concern: all if scenarios,"
            " the gate or the module changed, else those whose tests did.",
        ),
    ] = None,
    shard: Annotated[str, typer.Option(metavar="K/N", help="Only the K-th of N parts, for several runners.")] = "1/1",
    generated: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Instead of the listed ones, N made by rules.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Which of those: the same seed, the same ones.")] = 1,
    json: Annotated[
        Path | None,
        typer.Option(
            help="Also write this file, in the mutation-testing-report-schema; which generated ones it has is not"
            " judged again."
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Also write this file, a page with all of it.")] = None,
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
    from harness.mutants.generated import generate  # noqa: PLC0415
    from harness.mutants.page import page  # noqa: PLC0415
    from harness.mutants.score import Score  # noqa: PLC0415
    from harness.mutants.since import changed, concerned  # noqa: PLC0415

    if generated and only:
        raise typer.BadParameter("--id is of a listed mutant, and --generated takes none of those; give one of the two")
    files.check(json, html, junit)
    found = generate(generated, seed) if generated else chosen(load(), only or ())
    if since is not None:
        found = concerned(found, changed(since))
    part = _part(shard, sorted(found, key=lambda mutant: mutant.id))
    known = Score.again(json, part).verdicts if generated and json else ()
    verdicts = list(known)

    def tell(verdict: Verdict) -> None:
        verdicts.append(verdict)
        if generated and json:
            files.write(json, Score(tuple(verdicts)).report(campaign.unchanged).to_json())

    progress = Progress()
    for sentence in sweep():
        progress.say(sentence)
    with Workspace() as workspace:
        rest = [mutant for mutant in part if mutant.id not in {verdict.mutant.id for verdict in known}]
        workers = len(os.sched_getaffinity(0))
        campaign = Campaign(rest, workspace=workspace, progress=progress, workers=workers, full=full, tell=tell)
        score = Score((*known, *campaign.run()))
        report = score.report(campaign.unchanged)
    console = Console()
    if not console.is_terminal:
        console.width = _WIDTH
    console.print(score.table())
    console.print(score.summary(), markup=False)
    if json:
        files.write(json, report.to_json())
    if html:
        files.write(html, page(report))
    if junit:
        files.write(junit, score.junit())
    if score.missed:
        raise typer.Exit(MISSED)
    if not score.judged:
        raise typer.Exit(NOT_JUDGED)


def _part(shard: str, items: Sequence[Mutant]) -> Sequence[Mutant]:
    """Return the K-th of N parts."""
    found = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", shard)
    if found is None or int(found[1]) > int(found[2]):
        raise typer.BadParameter(f"--shard {shard}: write K/N, such as 1/4")
    return items[int(found[1]) - 1 :: int(found[2])]
