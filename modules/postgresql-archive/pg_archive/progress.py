"""Lines of progress for long work: the first after some seconds, so that short work is silent."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from pg_archive.cli import say

_EVERY = 5.0  # seconds


class Progress:
    """Of ``doing`` something; ``total`` is bytes, or what ``shown`` formats. Lines go ``to`` stdout by default."""

    def __init__(
        self,
        doing: str,
        total: int,
        *,
        shown: Callable[[float], str] | None = None,
        to: TextIO | None = None,
    ) -> None:
        self._doing = doing
        self._total = total
        self._shown = shown or megabytes
        self._to = to
        self._done = 0
        self._began = self._said = time.monotonic()

    def add(self, size: int) -> None:
        """Note that ``size`` more are done."""
        self._done += size
        now = time.monotonic()
        if now - self._said < _EVERY:
            return
        self._said = now
        rate = self._done / (now - self._began)
        part = f" of {self._shown(self._total)} ({100 * self._done // self._total} %)" if self._total else ""
        say(f"{self._doing}: {self._shown(self._done)}{part}, {self._shown(rate)}/s", self._to)


def megabytes(size: float) -> str:
    """Return a size in bytes as people write it."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def counted(number: float) -> str:
    """Return a number of things, or of so many a second."""
    return f"{number:.1f}".removesuffix(".0")
