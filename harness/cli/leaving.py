"""What a run leaves: the page, and the forms that continuous integration shows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from harness.cli import files
from harness.evidence.publish import badge, ctrf, github
from harness.evidence.report import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.evidence.answer import Answer
    from harness.evidence.change import Change
    from harness.evidence.record import Record


def leave(found: Mapping[Path, Record], answer: Answer, directory: Path, change: Change | None) -> None:
    """Write report.html, ctrf.json, badge.json and badge.svg; on GitHub also the job's summary and annotations.

    Raises:
        FileError: one cannot be written.
    """
    with files.writing(directory / "report.html"):
        page.write(found, directory / "report.html", change)
    files.write(directory / "ctrf.json", ctrf.ctrf(list(found.values())))
    files.write(directory / "badge.json", badge.badge_data(answer))
    files.write(directory / "badge.svg", badge.badge_picture(answer))
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(github.summary(answer, change))
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in github.annotated(answer, change):
            typer.echo(line)
