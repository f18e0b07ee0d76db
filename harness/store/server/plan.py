"""A store's current fault plan, and how often each fault matched."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.store.fault import Effect, Fault


class Plan:
    """Faults in order of precedence, with their counters. Safe among threads."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self.over = threading.Event()
        """Set when another plan replaces this one."""
        self._faults = faults
        self._counts = [0] * len(faults)
        self._start = time.monotonic()
        self._lock = threading.Lock()

    def meet(self, method: str, key: str) -> Effect | None:
        """Count a request for every fault that it matches; return the effect of the first that applies."""
        chosen: Effect | None = None
        with self._lock:
            elapsed = time.monotonic() - self._start
            for index, fault in enumerate(self._faults):
                if not fault.matches(method, key, elapsed):
                    continue
                self._counts[index] += 1
                if chosen is None and fault.nth in {None, self._counts[index]}:
                    chosen = fault.effect
        return chosen
