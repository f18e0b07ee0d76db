"""How a scenario can end without a verdict by the laws."""

from __future__ import annotations

from harness.errors import GateError


class NotJudged(GateError):
    """A run cannot be judged fairly; the message says by which option it could be."""


class NotSeen(GateError):
    """What a scenario waits for has not been seen, or came too late: nothing is known of the module."""
