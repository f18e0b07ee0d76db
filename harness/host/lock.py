"""A shared or exclusive lock on a file; the kernel releases it when its holder dies (flock(2))."""

from __future__ import annotations

import fcntl
import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from harness.host.deadline import Deadline

_POLL = 0.1  # seconds
_CLOSED = -1


class FileLock:
    """The lock on ``path``, which is created if missing and stays. A holder may switch between shared and exclusive."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def share(self, deadline: Deadline | None = None) -> bool:
        """Acquire it shared; False if another still holds it exclusively when time is up (at once without one)."""
        return self._acquire(fcntl.LOCK_SH, deadline)

    def take(self, deadline: Deadline | None = None) -> bool:
        """Acquire it exclusively; False if others still hold it when time is up.

        While switching from shared to exclusive or back, another may have held it briefly: recheck what it guards.
        """
        return self._acquire(fcntl.LOCK_EX, deadline)

    def close(self) -> None:
        """Release it for good. Safe to call again."""
        descriptor, self._descriptor = self._descriptor, _CLOSED
        if descriptor != _CLOSED:
            os.close(descriptor)

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
