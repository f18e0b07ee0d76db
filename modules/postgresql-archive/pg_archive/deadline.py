"""A moment by which something must have ended, by the monotonic clock."""

from __future__ import annotations

import time

WEEK = 604800.0
"""Seconds for a step of a restore that grows with the data: an operator watches, and may end it sooner."""


class Deadline:
    """``seconds`` from now, and not later than ``within``."""

    def __init__(self, seconds: float, within: Deadline | None = None) -> None:
        self.at = time.monotonic() + seconds
        if within is not None:
            self.at = min(self.at, within.at)

    @property
    def left(self) -> float:
        """Seconds left, at least 0."""
        return max(0.0, self.at - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether it is over."""
        return self.left == 0.0
