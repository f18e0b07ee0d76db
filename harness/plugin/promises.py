"""Scenarios about a promise, and which of their skips ``--gate-strict`` rejects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.plugin.session import session_of

if TYPE_CHECKING:
    from collections.abc import Iterator


class NotApplicable(pytest.skip.Exception):  # type: ignore[name-defined,misc] # a class, says pytest's reference
    """A skip because the site under test is another or does not promise it: nothing is missing."""

    __module__, __qualname__ = "builtins", "Skipped"  # as pytest's own, whose name it leaves out of what people read


def check_promises(item: pytest.Item) -> None:
    """Raise CollectError for a scenario marked with a promise that does not exist: no site could be exempt from it."""
    from harness.site.promises import PROMISES  # noqa: PLC0415 - nothing of ours at load

    for marker in item.iter_markers("promise"):
        if marker.kwargs or len(marker.args) != 1 or marker.args[0] not in PROMISES:
            written = ", ".join(
                [*map(repr, marker.args), *(f"{key}={value!r}" for key, value in marker.kwargs.items())]
            )
            message = f"{item.nodeid}: promise({written}) takes one of {', '.join(PROMISES)}"
            raise pytest.Collector.CollectError(message)


def skip_what_is_not_promised(item: pytest.Item) -> None:
    """Skip a scenario about what the site does not promise, with the reason that its contract gives."""
    for name in _promises(item):
        if reason := session_of(item.config).exemption(name):
            raise NotApplicable(f"gate.exempt.{name}: {reason}")


def _promises(item: pytest.Item) -> Iterator[str]:
    return (marker.args[0] for marker in item.iter_markers("promise"))


def fail_if_skipped(report: pytest.TestReport | pytest.CollectReport, call: pytest.CallInfo[None]) -> None:
    """Turn the report of a skipped scenario into that of a failed one, with the skip's reason."""
    if (
        not report.skipped
        or hasattr(report, "wasxfail")
        or (call.excinfo and call.excinfo.errisinstance(NotApplicable))
    ):
        return
    report.outcome = "failed"
    report.longrepr = f"skipped, which --gate-strict does not allow: {call.excinfo.value if call.excinfo else ''}"
