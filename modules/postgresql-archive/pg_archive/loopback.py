"""HTTP/1.0 with a server on this host: one request a connection, an answer that ends with it.

By hand, because http.client takes longer to import than all that this program says to rclone.
"""

from __future__ import annotations

import math
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from pg_archive import process
from pg_archive.deadline import Deadline

_AT_ONCE = 1 << 18  # bytes
_LONGEST_HEAD = 1 << 16  # bytes
_LOOK = 0.5  # seconds between two looks whether the program is ending: rclone, told to end, waits for its callers


class Cut(ConnectionError):
    """The server closed the connection before the end of its answer, or what came is none."""


class Answer:
    """Status and body of an answer; ``arrived`` counts the body's bytes so far."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self._receive()
            if not piece or len(head) > _LONGEST_HEAD:
                raise Cut("no answer came")
            head += piece
        head, _, self._rest = head.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        # rclone 1.60 announces the length of the file with the error for which it cannot be opened.
        try:
            self.status = int(lines[0].split(" ")[1])
            announced = headers.get("content-length") if self.status < 300 else None
            self._length = None if announced is None else int(announced)
        except (ValueError, IndexError):
            raise Cut("what came is no answer of HTTP's") from None
        self.arrived = 0

    def chunks(self) -> Iterator[bytes]:
        """Yield the body as it arrives.

        Raises:
            Cut: it is shorter than announced.
            TimeoutError: the time was up before its end.
            Stopped: the program is ending.
        """
        piece = self._rest or self._receive()
        while piece:
            self.arrived += len(piece)
            yield piece
            piece = self._receive()
        if self._length is not None and self.arrived != self._length:
            raise Cut(f"{self.arrived} of {self._length} bytes came")

    def _receive(self) -> bytes:
        while True:
            process.check_stopping("rclone")
            _limit(self._connection, self._deadline, _LOOK)
            with suppress(TimeoutError):
                return self._connection.recv(_AT_ONCE)


@contextmanager
def request(
    port: int, method: str, path: str, headers: Mapping[str, str], body: bytes, deadline: Deadline
) -> Iterator[Answer]:
    """Ask the server on a port of 127.0.0.1; ``path`` is quoted. It sees the connection close when the body is left.

    Raises:
        OSError: nobody listens, :class:`Cut`, or TimeoutError: the time was up.
        Stopped: the program is ending.
    """
    with socket.socket() as connection:
        _limit(connection, deadline)
        connection.connect(("127.0.0.1", port))
        lines = [f"{method} {path} HTTP/1.0", *(f"{name}: {value}" for name, value in headers.items())]
        lines += [f"Content-Length: {len(body)}", "", ""]
        connection.sendall("\r\n".join(lines).encode("ascii") + body)
        yield Answer(connection, deadline)


def _limit(connection: socket.socket, deadline: Deadline, at_most: float = math.inf) -> None:
    if deadline.passed:
        raise TimeoutError
    connection.settimeout(max(0.001, min(deadline.left, at_most)))
