"""What a run leaves: the page, and the forms that continuous integration shows."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from harness.cli import files
from harness.errors import GateError
from harness.evidence.judging import BASELINE, clear
from harness.evidence.publish import badge, ctrf, github
from harness.evidence.report import page
from harness.host.lock import FileLock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.evidence.answer import Answer
    from harness.evidence.change import Change
    from harness.evidence.record import Record


_LEFT = ("report.html", "junit.xml", "ctrf.json", "badge.json", "badge.svg")


class InUseError(GateError):
    """Another run leaves its verdict there."""


@contextmanager
def held(directory: Path) -> Iterator[None]:
    """Hold the directory of a run, without what an earlier one left there: that would outlive what cannot be judged.

    Raises:
        InUseError: another run does.
        FileError: it cannot be made.
    """
    with files.writing(directory):
        directory.mkdir(parents=True, exist_ok=True)
        lock = FileLock(directory / ".lock")
    try:
        if not lock.take():
            raise InUseError(f"another run uses {directory}; name another --out")
        for name in _LEFT:
            (directory / name).unlink(missing_ok=True)
        for each in (directory, directory / BASELINE):
            clear(each)
        yield
    finally:
        lock.close()


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
        with files.writing(Path(summary)), Path(summary).open("a", encoding="utf-8") as file:
            file.write(github.summary(answer, change))
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for line in github.annotated(answer, change):
            typer.echo(line)
