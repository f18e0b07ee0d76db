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

    ``seconds`` holds the wall time of each finished phase by key; repeated phases add up.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.seconds: dict[str, float] = {}
        self.console = Console(stderr=True, quiet=quiet, highlight=False)

    def say(self, sentence: str) -> None:
        """Print a permanent line."""
        self.console.print(sentence, markup=False, soft_wrap=True)

    @contextmanager
    def phase(self, key: str, title: str) -> Iterator[None]:
        """Show ``title`` while the body runs, then its duration; phases under a second leave no line."""
        begun = time.monotonic()
        ended = threading.Event()
        ticker = threading.Thread(target=self._tick, args=(title, begun, ended), daemon=True)
        ticker.start()
        try:
            yield
        finally:
            ended.set()
            ticker.join()
            took = time.monotonic() - begun
            self.seconds[key] = round(self.seconds.get(key, 0.0) + took, 3)
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
