"""Connects a person's terminal to a machine's serial console."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import tty
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

DETACH = b"\x1d"  # Ctrl-], as with telnet and virsh
_BLOCK = 65536


def bridge(console: socket.socket, *, until: bytes, resize: Callable[[int, int], None]) -> str:
    """Copy bytes both ways; return what ended it: ``detached``, ``exit`` (``until`` was shown), ``off``.

    Standard input may be a terminal, whose size goes to ``resize`` (rows, columns), or a pipe, whose end becomes
    Ctrl-D.
    """
    shown = b""
    sources = [sys.stdin.fileno(), console.fileno()]
    with _raw_terminal(resize):
        while True:
            for ready in select.select(sources, [], [])[0]:
                if ready == console.fileno():
                    data = console.recv(_BLOCK)
                    if not data:
                        return "off"
                    shown = (shown + data)[-2 * _BLOCK :]
                    _write(data.partition(until)[0])
                    if until in shown:
                        return "exit"
                else:
                    data = os.read(ready, _BLOCK)
                    if not data:
                        sources.remove(ready)
                        data = b"\x04"
                    typed, detach, _ = data.partition(DETACH)
                    console.sendall(typed)
                    if detach:
                        return "detached"


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


@contextmanager
def _raw_terminal(resize: Callable[[int, int], None]) -> Iterator[None]:
    """Pass on every key, Ctrl-C too, and report the terminal's size now and on each change."""
    if not sys.stdin.isatty():
        yield
        return

    def measure(*_: object) -> None:
        size = os.get_terminal_size(sys.stdin.fileno())
        resize(size.lines, size.columns)

    before = termios.tcgetattr(sys.stdin)
    former = signal.signal(signal.SIGWINCH, measure)
    try:
        measure()
        tty.setraw(sys.stdin)
        yield
    finally:
        signal.signal(signal.SIGWINCH, former)
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
