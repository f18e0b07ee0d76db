"""GitHub Actions: a job's summary in Markdown, and annotations, which are commands on standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.evidence.answer import BREAKS, KEEPS, Standing
from harness.evidence.incidents import incidents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.evidence.answer import Answer, Defect
    from harness.evidence.change import Change

_MARKS = {Standing.KEPT: "✅", Standing.BROKEN: "❌", Standing.NOT_JUDGED: "❔"}


def summary(answer: Answer, change: Change | None = None) -> str:
    """Return what ``$GITHUB_STEP_SUMMARY`` takes: a table of the laws, and what breaks them."""
    lines = []
    if change:
        differences = (*change.broken, *change.unjudged)
        lines += [f"### {change.headline}", "", *(f"- {_cell(str(each))}" for each in differences), ""]
    lines += [
        f"### `{answer.module or 'the default module'}` {answer.headline}",
        "",
        "| | law | |",
        "|---|---|---|",
    ]
    for found in answer.laws:
        told = _cell(found.broken[0].said) if found.broken else f"asked: {found.kept}" if found.kept else "not asked"
        lines.append(f"| {_MARKS[found.standing]} {found.standing.value} | {found.law.wording} | {told} |")
    for title, defects in (
        ("What breaks a law", [found.broken[0] for found in answer.broken]),
        ("Failed, with no law broken", answer.others),
        ("Could not be judged", answer.troubles),
    ):
        if defects:
            lines += ["", f"#### {title}", "", *(f"- {_item(defect)}" for defect in defects)]
    return "\n".join(lines) + "\n"


def annotated(answer: Answer, change: Change | None = None) -> Iterator[str]:
    """Yield a line for each broken law and each scenario that failed otherwise or could not be judged.

    Of a change an error for what it breaks, and nothing of what was wrong before.
    """
    if change:
        for each in change.broken:
            yield f"::error title={_property(change.headline)}::{_data(str(each))}"
        if change.status != BREAKS:
            kind = "notice" if change.status == KEEPS else "warning"
            yield f"::{kind} title=pg-archive-gate::{_data(change.headline)}"
        return
    for found in answer.broken:
        yield _command("error", f"breaks '{found.law.wording}'", found.broken[0])
    for defect in answer.others:
        yield _command("error", "a scenario failed", defect)
    for defect in answer.troubles:
        yield _command("warning", "could not be judged", defect)
    if answer.status == KEEPS:
        yield f"::notice title=pg-archive-gate::{_data(answer.headline)}"


def _item(defect: Defect) -> str:
    like = ", ".join(f"{number} ({incidents().get(number, '')})" for number in defect.incidents[:1])
    return f"{_cell(defect.said)}: `{defect.scenario}`{f', like incident {like}' if like else ''}"


def _cell(text: str) -> str:
    """Return a line that ends no cell of a table and begins no tag."""
    first = next(iter(text.splitlines()), "")
    return first.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`")


def _command(kind: str, title: str, defect: Defect) -> str:
    return f"::{kind} title={_property(title)}::{_data(f'{defect.said} ({defect.scenario})')}"


def _data(text: str) -> str:
    """Escape as the runner's own toolkit does."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
