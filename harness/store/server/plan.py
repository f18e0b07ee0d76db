"""A store's current fault plan: how often each fault matched, what it keeps out of listings, what the key may do."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.store.denied import Denied
    from harness.store.fault import Fault


class Plan:
    """Faults in order of precedence, with their counters. Safe among threads."""

    def __init__(self, faults: Sequence[Fault] = (), denied: Iterable[Denied] = ()) -> None:
        self.denied = frozenset(denied)
        """What the guest's key may not do."""
        self.over = threading.Event()
        """Set when another plan replaces this one."""
        self.met = 0
        """How many requests have met a fault."""
        self._faults = faults
        self._counts = [0] * len(faults)
        self._start = time.monotonic()
        self._hidden: dict[str, float] = {}
        self._lock = threading.Lock()

    def meet(self, method: str, key: str, operation: str) -> Fault | None:
        """Count a request for every fault that it matches; return the first that applies."""
        chosen: Fault | None = None
        with self._lock:
            elapsed = time.monotonic() - self._start
            for index, fault in enumerate(self._faults):
                if not fault.matches(method=method, key=key, operation=operation, elapsed=elapsed):
                    continue
                self._counts[index] += 1
                if chosen is None and fault.applies(self._counts[index]):
                    chosen = fault
            self.met += chosen is not None
        return chosen

    def hide(self, key: str, seconds: float) -> None:
        """Keep an object out of listings for a while."""
        with self._lock:
            self._hidden[key] = time.monotonic() + seconds

    def hidden(self) -> set[str]:
        """Return the keys that no listing shows yet."""
        now = time.monotonic()
        with self._lock:
            return {key for key, until in self._hidden.items() if now < until}
