"""A lock on a file that many processes share or one has alone; the kernel drops it with its holder (flock(2))."""

from __future__ import annotations

import fcntl
import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from harness.host.deadline import Deadline

_POLL = 0.1  # seconds


class FileLock:
    """The lock of ``path``, which is made if need be and stays. One holder may change between shared and alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def share(self, deadline: Deadline | None = None) -> bool:
        """Hold it together with others; False if one still has it alone when time is up (at once without one)."""
        return self._acquire(fcntl.LOCK_SH, deadline)

    def take(self, deadline: Deadline | None = None) -> bool:
        """Hold it alone; False if others still hold it when time is up.

        On the way from shared to alone, or back, another may have had it for a moment: look again at what it guards.
        """
        return self._acquire(fcntl.LOCK_EX, deadline)

    def close(self) -> None:
        """Let go of it for good."""
        os.close(self._descriptor)

    def _acquire(self, how: int, deadline: Deadline | None) -> bool:
        while True:
            try:
                fcntl.flock(self._descriptor, how | fcntl.LOCK_NB)
            except BlockingIOError:
                if deadline is None or deadline.passed:
                    return False
                time.sleep(_POLL)
            else:
                return True
