"""Shows long-running phases, and records how long each took."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEARTBEAT = 20.0  # seconds between progress lines without a terminal


class Progress:
    """Phases on stderr: a spinner with the elapsed time on a terminal, plain lines elsewhere.

    For one thread.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._begun = time.monotonic()
        self._own: dict[str, float] = {}
        self._within: list[float] = []  # of each phase under way, the seconds of those that ended within it
        self.console = Console(stderr=True, quiet=quiet, highlight=False)

    def say(self, sentence: str) -> None:
        """Print a permanent line."""
        self.console.print(sentence, markup=False, soft_wrap=True)

    def times(self) -> dict[str, float]:
        """Return the wall time in seconds of each finished phase by its key, then ``other`` and ``total``.

        A phase that was entered twice adds up, and one within another counts for itself alone: ``total``, which is from
        the making of this object until now, is the sum of the rest.
        """
        parts = {key: round(seconds, 2) for key, seconds in self._own.items()}
        other = round(time.monotonic() - self._begun - sum(parts.values()), 2)
        parts["other"] = max(0.0, other)  # rounding
        return parts | {"total": round(sum(parts.values()), 2)}

    @contextmanager
    def phase(self, key: str, title: str) -> Iterator[None]:
        """Show ``title`` while the body runs, then its duration; phases under a second leave no line."""
        begun = time.monotonic()
        ended = threading.Event()
        ticker = threading.Thread(target=self._tick, args=(title, begun, ended), daemon=True)
        ticker.start()
        self._within.append(0.0)
        try:
            yield
        finally:
            ended.set()
            ticker.join()
            took = time.monotonic() - begun
            self._own[key] = self._own.get(key, 0.0) + took - self._within.pop()
            if self._within:
                self._within[-1] += took
        if took >= 1.0:
            self.say(f"  {title}: {took:.1f} s")

    def _tick(self, title: str, begun: float, ended: threading.Event) -> None:
        if not self.console.is_terminal:
            while not ended.wait(_HEARTBEAT):
                self.say(f"  {title}: {time.monotonic() - begun:.0f} s so far")
            return
        if ended.wait(0.3):
            return
        with self.console.status(title) as status:
            while not ended.wait(0.5):
                status.update(f"{title}: {time.monotonic() - begun:.0f} s")
