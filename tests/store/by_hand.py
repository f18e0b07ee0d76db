"""Requests that a well-behaved client would not send."""

from __future__ import annotations

import re
import socket
import ssl
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.store.credentials import Credentials
    from harness.store.store import Store
    from harness.store.tls import Authority

_T = TypeVar("_T")


class _Signer(S3SigV4Auth):
    """botocore's, made to sign any value of x-amz-content-sha256."""

    def __init__(self, credentials: Credentials, payload: str | None) -> None:
        super().__init__(BotoCredentials(credentials.key_id, credentials.secret), "s3", "us-east-1")
        self._payload = payload

    def payload(self, request: AWSRequest) -> str:
        return self._payload or str(super().payload(request))


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    @property
    def code(self) -> str:
        """The S3 error code, "" if there is none."""
        match = re.search(rb"<Code>(.*)</Code>", self.body)
        return match[1].decode() if match else ""


@dataclass(frozen=True)
class ByHand:
    """Signs requests to ``store``, and sends them as they then are."""

    store: Store
    authority: Authority

    def target(self, key: str = "by-hand") -> str:
        return f"/{self.store.bucket}/{key}"

    def sign(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        payload: str | None = None,
        credentials: Credentials | None = None,
    ) -> dict[str, str]:
        """Return the headers of the signed request: by default the guest's signature, over the body's SHA-256."""
        request = AWSRequest(method, self.store.url + target, headers=dict(headers or {}), data=body)
        _Signer(credentials or self.store.credentials, payload).add_auth(request)
        return {"Host": urlsplit(self.store.url).netloc, **dict(request.headers.items())}

    def send(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        connection = self.connect()
        try:
            connection.request(method, target, body, dict(headers))
            response = connection.getresponse()
            return Answer(response.status, response.read())
        finally:
            connection.close()

    def put(self, body: bytes, headers: Mapping[str, str] | None = None, *, payload: str | None = None) -> Answer:
        """Send a PUT that is correctly signed and may be wrong otherwise."""
        return self.send("PUT", self.target(), body, self.sign("PUT", self.target(), body, headers, payload=payload))

    def connect(self, *, trusting: bool = False) -> HTTPConnection:
        """Connect; TLS checks the store's certificate and host name, unless it is ``trusting``."""
        connection = HTTPConnection("127.0.0.1", self.store.port, timeout=10)
        connection.connect()
        tls = self._tls()
        if trusting:
            tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        connection.sock = tls.wrap_socket(connection.sock, server_hostname=self.store.hostname)
        return connection

    def until_reset(self, method: str, target: str, body: bytes = b"") -> bytes:
        """Send a signed request and return what came back before the TCP reset; fail if there is none.

        Over memory buffers, because Python's TLS sockets report a reset as end of stream.
        """
        headers = {**self.sign(method, target, body), "Content-Length": str(len(body))}
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self._tls().wrap_bio(incoming, outgoing, server_hostname=self.store.hostname)
        received = b""
        with socket.create_connection(("127.0.0.1", self.store.port), timeout=10) as raw:

            def carry_out(step: Callable[[], _T]) -> _T:
                while True:
                    try:
                        return step()
                    except ssl.SSLWantReadError:
                        pass
                    finally:
                        if ready := outgoing.read():  # to send nothing fails too, before what came is read
                            raw.sendall(ready)
                    block = raw.recv(65536)
                    assert block, "the connection was closed, not reset"
                    incoming.write(block)

            try:
                carry_out(tls.do_handshake)
                carry_out(lambda: tls.write("\r\n".join(lines).encode() + body))
                while True:
                    received += carry_out(lambda: tls.read(65536))
            except (ConnectionResetError, BrokenPipeError):
                return received

    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=self.authority.certificate)
