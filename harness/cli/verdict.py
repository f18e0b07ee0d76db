"""A verdict on a module, on one screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from harness.evidence.answer import BREAKS, CANNOT_JUDGE, KEEPS, Standing
from harness.evidence.incidents import incidents

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from harness.evidence.answer import Answer, Defect, LawFound
    from harness.evidence.change import Change

_COLOURS = {Standing.KEPT: "green", Standing.BROKEN: "red", Standing.NOT_JUDGED: "yellow"}
_STATUS_COLOURS = {KEEPS: "green", BREAKS: "red", CANNOT_JUDGE: "yellow"}
_SHOWN = 4  # of scenarios that failed or could not be tried; the report has all


def show(answer: Answer, out: Path, console: Console, change: Change | None) -> None:
    """Print each law; for a broken one what was found, the incident that it repeats, and where the evidence is."""
    for line in _lines(answer, out):
        console.print(line, highlight=False, soft_wrap=True)  # nothing is cut: paths are copied
    if change:
        show_change(change, console)


def show_change(change: Change, console: Console) -> None:
    """Print what it broke and mended, and the verdict on it."""
    for line in _change(change):
        console.print(line, highlight=False, soft_wrap=True)


def _lines(answer: Answer, out: Path) -> Iterator[str]:
    for found in (*answer.kept, *answer.unjudged, *answer.broken):  # the worst next to the prompt
        yield from _law(found, out)
    yield from _defects("failed, with no law broken", answer.others, out)
    yield from _defects("could not be tried", answer.troubles, out)
    if answer.skipped:
        reasons = list(dict.fromkeys(answer.skipped.values()))
        yield f"[dim]not applicable: {len(answer.skipped)}, {escape(reasons[0])}{' …' * (len(reasons) > 1)}[/]"
    yield ""
    headline = f"{_short(answer.module) or 'the default module'} {answer.headline}"
    yield f"[bold {_STATUS_COLOURS[answer.status]}]{escape(headline)}[/]"
    yield f"why, with journals and requests: {out / 'report.html'}"


def _change(change: Change) -> Iterator[str]:
    for title, colour, found in (
        ("broken", "red", change.broken),
        ("mended", "green", change.mended),
        ("not judged", "yellow", change.unjudged),
    ):
        for each in found[:_SHOWN]:
            yield f"[{colour}]{title:<10}[/]  {escape(str(each).splitlines()[0])}"
        if len(found) > _SHOWN:
            yield f"            and {len(found) - _SHOWN} more"
    if change.still:
        yield f"as before   {len(change.still)} still wrong, or not asked any more"
    yield f"[bold {_STATUS_COLOURS[change.status]}]{escape(change.headline)}[/]"


def _short(file: str) -> str:
    """Return it as a person here would write it."""
    return str(Path(file).relative_to(Path.cwd())) if file and Path(file).is_relative_to(Path.cwd()) else file


def _law(found: LawFound, out: Path) -> Iterator[str]:
    standing = found.standing
    told = {
        Standing.KEPT: f"asked {'once' if found.kept == 1 else f'{found.kept} times'}",
        Standing.BROKEN: f"in {len(found.broken)} scenario{'' if len(found.broken) == 1 else 's'}",
        Standing.NOT_JUDGED: found.silence,
    }[standing]
    yield f"[{_COLOURS[standing]}]{standing.value:<10}[/]  {found.law.wording:<33}  [dim]{escape(told)}[/]"
    if found.broken:
        yield from _defect(found.broken[0], out)


def _defects(title: str, defects: Sequence[Defect], out: Path) -> Iterator[str]:
    if not defects:
        return
    yield f"[yellow]{title}: {len(defects)}[/]"
    for defect in defects[:_SHOWN]:
        yield from _defect(defect, out)
    if len(defects) > _SHOWN:
        yield f"            and {len(defects) - _SHOWN} more"


def _defect(defect: Defect, out: Path) -> Iterator[str]:
    indent = " " * 12
    yield f"{indent}{escape(defect.said.splitlines()[0])}"
    numbers = ", ".join(map(str, defect.incidents))
    first = incidents().get(defect.incidents[0], "") if defect.incidents else ""
    if numbers:
        yield f"{indent}[dim]like incident {numbers}{f': {escape(first)}' if first else ''}[/]"
    step = f", run {defect.run}" if defect.run else ""
    yield f"{indent}[dim]{escape(str(out / 'evidence' / defect.evidence))}{step}[/]"
