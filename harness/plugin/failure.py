"""What a failed scenario shows, and leaves on disk: journals, console, requests, verdicts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.evidence.collect import collect
from harness.plugin.session import SESSION

if TYPE_CHECKING:
    import pytest

    from harness.trial.trial import Trial

_SHOWN = 40  # last lines of each in the report; the files have all of it


def attach(trial: Trial, item: pytest.Item, report: pytest.TestReport) -> None:
    """Write the trial's evidence where the session's goes, and its ends into the report."""
    name = re.sub(r"[^\w.-]+", "-", item.nodeid.partition("::")[2]).strip("-")
    directory = item.config.stash[SESSION].evidence / name
    for title, path in collect(trial, directory).items():
        lines = path.read_text(errors="replace").splitlines()
        shown = lines[-_SHOWN:]
        cut = [f"[{len(lines) - len(shown)} lines before these are in the file]"] if len(lines) > len(shown) else []
        report.sections.append((f"gate: {title}: {path}", "\n".join([*cut, *shown])))
