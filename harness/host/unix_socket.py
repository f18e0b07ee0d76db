"""Unix sockets by paths of any length.

The kernel allows 107 bytes (unix(7)), less than some systems' TMPDIR needs. Longer paths go through a descriptor of
the socket's directory, as in ``/proc/self/fd/7/qmp``; the directory's permissions still apply. A program that inherits
the socket sees that name, and cannot remove it.
"""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LONGEST = 107  # bytes


def listen(path: Path) -> socket.socket:
    """Return a socket that listens at ``path``, replacing an old one. Raises OSError."""
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    try:
        with _short(path) as name:
            listening.bind(name)
        listening.listen(1)
    except OSError:
        listening.close()
        raise
    return listening


def connect(path: Path) -> socket.socket:
    """Return a stream to whatever listens at ``path``. Raises OSError."""
    stream = socket.socket(socket.AF_UNIX)
    try:
        with _short(path) as name:
            stream.connect(name)
    except OSError:
        stream.close()
        raise
    return stream


@contextmanager
def _short(path: Path) -> Iterator[str]:
    if len(os.fsencode(path)) <= _LONGEST:
        yield str(path)
        return
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)
