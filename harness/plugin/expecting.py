"""Each scenario's record before it has a verdict: from its collection on, so that none is passed over.

It imports nothing heavy: what cannot be collected may be the harness itself.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from harness.evidence.record import NOT_BEGUN, Record
from harness.evidence.scenario_id import scenario_id
from harness.plugin.session import session_of
from harness.trial.law import LawBroken

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pytest


def expect(items: Iterable[pytest.Item]) -> None:
    """Give each scenario that was collected a record, which says that it did not run until it has."""
    for item in items:
        clear(item)
        leave(item, NOT_BEGUN)


def begin(item: pytest.Item) -> None:
    """Say in its record that the scenario did not end, before anything can skip or kill it."""
    leave(item, "it began and did not end, as where its process crashes")


def leave(node: pytest.Item | pytest.Collector, reason: str) -> None:
    """Write a record of what has no verdict: a scenario, or what cannot be collected."""
    directory = directory_of(node)
    with suppress(OSError):  # which `write` meets too, and says
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        record_of(node, outcome="error", reason=reason, started=datetime.now(UTC), seconds=0.0).save(directory, str)


def clear(node: pytest.Item | pytest.Collector) -> None:
    """Remove what the scenario left in an earlier run; what others left stays."""
    shutil.rmtree(directory_of(node), ignore_errors=True)


def directory_of(node: pytest.Item | pytest.Collector) -> Path:
    """Return the scenario's own directory: no other scenario in any file or worker has it."""
    return session_of(node.config).evidence / scenario_id(node.nodeid)


def record_of(node: pytest.Item | pytest.Collector, **told: Any) -> Record:
    """Return a record of it, with what the caller is ``told``."""
    return Record(
        scenario=node.nodeid,
        run=session_of(node.config).run_id,
        again=_again(node),
        incidents=tuple(sorted({number for marker in node.iter_markers("incident") for number in marker.args})),
        **told,
    )


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return the first line of pytest's message."""
    if report.passed:
        return ""
    if isinstance(report.longrepr, tuple):  # of a skip: file, line, reason
        return report.longrepr[2].removeprefix("Skipped: ")
    crash: Any = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else report.longreprtext
    return next(iter(text.splitlines()), "").removeprefix(f"{LawBroken.__module__}.{LawBroken.__name__}: ")


def _again(node: pytest.Item | pytest.Collector) -> str:
    here = node.config.invocation_params.dir
    file = node.path.relative_to(here) if node.path.is_relative_to(here) else node.path
    _, separator, test = node.nodeid.partition("::")
    return session_of(node.config).again(f"{file}{separator}{test}")
