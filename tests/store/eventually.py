"""Waiting in tests, always with a limit."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from harness.host.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable


def eventually(holds: Callable[[], bool], *, within: float = 30.0) -> None:
    """Return as soon as ``holds()``; fail after ``within`` seconds."""
    deadline = Deadline(within)
    while not holds():
        assert not deadline.passed, f"still not so after {within} s"
        time.sleep(0.02)
