"""A program of ours that cleans up by itself when it is told to end."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from harness.host.process import dying_with_us

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_GRACE = 60.0  # seconds that it gets to end its machines
_TURN = 0.1  # seconds between two questions whether it is still wanted


class Child:
    """It ends with the ``with`` block, by SIGTERM, and with this process, however that ends.

    Ctrl-C at a terminal comes to this process alone. ``stdout`` is a file descriptor; it and ``env`` are by default our
    own.
    """

    def __init__(self, argv: Sequence[str], *, stdout: int | None = None, env: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            dying_with_us(argv, by="TERM"),
            stdin=subprocess.PIPE,
            stdout=stdout,
            env=env,
            start_new_session=True,
            text=True,
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def tell(self, line: str) -> None:
        """Write a line to its stdin; that it has ended is for ``wait`` to find."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()

    def wait(self, unwanted: Callable[[], bool] | None = None) -> int | None:
        """Wait for its end and return its exit status; None as soon as it is unwanted."""
        while True:
            try:
                return self._process.wait(_TURN if unwanted else None)
            except subprocess.TimeoutExpired:
                if unwanted and unwanted():
                    return None

    def end(self) -> None:
        """Ask it to end, and kill it if it does not. Safe to call again."""
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.wait()
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # of what it has not read
            self._process.stdin.close()

    def _signal(self, number: signal.Signals) -> None:
        """Signal all that it started, as a terminal does: a worker of pytest's would else first finish its scenario."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, number)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
