"""HTTP by hand with a server on this host, which sends what it likes, piece by piece."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from pg_archive.deadline import Deadline
from pg_archive.loopback import Cut, request

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def server(*pieces: bytes) -> Iterator[int]:
    """Answer one request with these pieces, a moment between them; return the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.recv(1 << 16)
                for piece in pieces:
                    over.wait(0.1)
                    try:
                        connection.sendall(piece)
                    except OSError:  # the client has seen enough
                        return

        over = threading.Event()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            thread.join(10)


def asked(port: int) -> tuple[int, bytes]:
    with request(port, "GET", "/x", {}, b"", Deadline(10)) as answer:
        return answer.status, b"".join(answer.chunks())


def test_an_answer_in_pieces() -> None:
    pieces = (b"HTTP/1.0 200 OK\r\nContent-", b"Length: 4\r\n", b"\r\nab", b"cd")
    with server(*pieces) as port:
        assert asked(port) == (200, b"abcd")


@pytest.mark.parametrize(
    ("pieces", "cause"),
    [
        pytest.param([b"HTTP/1.0 200 OK\r\n", b"X: "], "no answer came", id="half a head"),
        pytest.param([b"HTTP/1.0 200 OK\r\nX: " + b"x" * (1 << 20) + b"\r\n\r\n"], "no answer came", id="a long head"),
        pytest.param([b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nab"], "2 of 4 bytes came", id="half a body"),
        pytest.param([b"no HTTP\r\n\r\n"], "no answer of HTTP's", id="no HTTP"),
    ],
)
def test_what_is_no_answer(pieces: list[bytes], cause: str) -> None:
    with server(*pieces) as port, pytest.raises(Cut, match=cause):
        asked(port)
