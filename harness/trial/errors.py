"""What a scenario waits for in vain: the module's doing, no trouble of the harness."""

from __future__ import annotations

from harness.errors import GateError


class NotSeen(GateError):
    """What a scenario waits for has not happened."""
