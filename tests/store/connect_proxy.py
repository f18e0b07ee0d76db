"""An HTTP proxy that maps every host to 127.0.0.1, so that rclone uses the stores' public names."""

from __future__ import annotations

import contextlib
import select
import socket
import socketserver
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Connect(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        asked = self.rfile.readline().split()
        if not asked:
            return  # who connected was killed
        port = int(asked[1].rpartition(b":")[2])
        while self.rfile.readline().strip():
            pass
        try:
            server = socket.create_connection(("127.0.0.1", port), timeout=5)
        except OSError:
            self.wfile.write(b"HTTP/1.1 502 Refused\r\n\r\n")
            return
        with server, contextlib.suppress(OSError):
            self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            other = {self.connection: server, server: self.connection}
            while ready := select.select(list(other), [], [], 30)[0]:
                for source in ready:
                    block = source.recv(65536)
                    if not block:
                        return
                    other[source].sendall(block)


@contextlib.contextmanager
def connect_proxy() -> Iterator[str]:
    """Serve, and yield the proxy's URL."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Connect) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
