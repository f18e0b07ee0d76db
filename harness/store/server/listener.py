"""A store's HTTPS listener: a port that can be shut and opened again."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from harness.store.server.wire import CERTIFICATE

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

    from harness.store.server.clock import Clock

_TLS = b"\x16"  # a handshake's content type, the first byte of its record (RFC 8446, 5.1)
_IDLE = 300.0  # seconds of silence allowed on a connection: a guest can be frozen during an upload


class _Handler(WSGIRequestHandler):
    """Puts the store's time into the Date header; the journal logs the requests."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(timestamp or self.server.clock.now().timestamp())

    def make_environ(self) -> WSGIEnvironment:
        # The base class asks the server, which may have changed since this connection began.
        if not isinstance(self.connection, ssl.SSLSocket):
            return super().make_environ() | {"wsgi.url_scheme": "http"}
        shown = {CERTIFICATE: self.server.bad[self.connection.context]}
        return super().make_environ() | {"wsgi.url_scheme": "https"} | shown

    def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:
        super().connection_dropped(error, environ)
        # Without an answer, the base class does not know that this connection serves no other request.
        self.close_connection = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        print(type, message % args, file=sys.stderr)


class _Server(ThreadedWSGIServer):
    """A thread per connection, which does the TLS handshake too: one silent client does not block the others."""

    daemon_threads = True

    def __init__(self, listening: socket.socket, app: WSGIApplication, clock: Clock) -> None:
        super().__init__("127.0.0.1", 0, app, _Handler, fd=listening.fileno())
        self.clock = clock
        self.bad: dict[ssl.SSLContext, str] = {}
        """What is wrong with the certificate of each, "" if nothing."""

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(_IDLE)
        # A reset discards unacknowledged data, so leave none of it waiting (tcp(7)).
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tls = self.ssl_context  # which may change meanwhile
        try:
            connection = _plain(request) if tls is None else tls.wrap_socket(request, server_side=True)
        except OSError as error:
            print(f"handshake with {client_address} failed: {error}", file=sys.stderr)
            return
        with connection:
            super().finish_request(connection, client_address)


def _plain(connection: socket.socket) -> socket.socket:
    """Return a connection of plain HTTP, or refuse one of TLS at its first byte, as web servers do."""
    if connection.recv(1, socket.MSG_PEEK) == _TLS:
        connection.recv(1 << 16)  # what is unread at the end would make it a reset, which discards our answer
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        raise ConnectionError("it speaks TLS, and this is plain HTTP")
    return connection


class Listener:
    """Serves ``app`` on a port of 127.0.0.1, which stays ours while it is shut."""

    def __init__(self, app: WSGIApplication, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._server: _Server | None = None
        self._thread = threading.Thread()
        self._unaccepted: socket.socket | None = None
        self._socket = _bind(0)
        self.port: int = self._socket.getsockname()[1]

    def open(self, tls: ssl.SSLContext | None, bad: str = "") -> None:
        """Accept connections, with those TLS settings or none; ``bad`` is what is wrong with their certificate."""
        if self._server is None:
            self.shut()  # it may be deaf
            self._socket.listen(128)
            self._server = _Server(self._socket, self._app, self._clock)
            self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        if tls is not None:
            self._server.bad[tls] = bad
        self._server.ssl_context = tls
        if not self._thread.is_alive():
            self._thread.start()

    def deafen(self) -> None:
        """Neither accept nor refuse connections, as if the network lost all packets; open ones are served."""
        self.shut()
        # Linux ignores who connects to a listening socket whose queue is full (listen(2)): one connection fills it,
        # ours or that of a client who came first.
        self._socket.listen(0)
        self._unaccepted = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._unaccepted.setblocking(False)
        self._unaccepted.connect_ex(("127.0.0.1", self.port))

    def shut(self) -> None:
        """Refuse connections; open ones are served to their end."""
        if self._server is not None:
            self._server.shutdown()
            self._thread.join()  # it closes its copy of the socket last, and the port is taken until then
            self._server = None
        if self._unaccepted is not None:
            self._unaccepted.close()
            self._unaccepted = None
        self._socket.close()
        # A bound socket that does not listen: nobody else gets the port, and connections are refused.
        self._socket = _bind(self.port)


def _bind(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound
