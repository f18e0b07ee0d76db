"""The layers that play faults: one on the connection, before any check, one on what the store keeps."""

from __future__ import annotations

import io
import socket
import struct
from typing import IO, TYPE_CHECKING, assert_never, cast

from werkzeug.wrappers import Response

from harness.store.fault import FlipBit, Refuse, Reset, Stall, Truncate
from harness.store.server.s3error import S3Error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.store.server.plan import Plan
    from harness.store.server.wire import Layer, S3Request

_CODES = {403: "AccessDenied", 500: "InternalError", 503: "SlowDown"}


class Interrupt:
    """Plays the faults that a client notices: refuse, stall, reset."""

    def __init__(self, inner: Layer, plan: Callable[[], Plan], exempt: str) -> None:
        """Get the current plan from ``plan``; requests by the access key id ``exempt`` are never faulted."""
        self._inner = inner
        self._plan = plan
        self._exempt = exempt

    def __call__(self, request: S3Request) -> Response:
        """Serve, delay, refuse or cut off ``request``."""
        plan = self._plan()
        if request.key_id != self._exempt:
            request.effect = plan.meet(request.method, request.key)
        match request.effect:
            case Refuse(status):
                request.receive()
                raise S3Error(status, _CODES.get(status, "InternalError"), "The fault plan refuses this request.")
            case Stall(seconds):
                request.receive()
                plan.over.wait(seconds)
            case Reset(after) if request.content_length or "Transfer-Encoding" in request.headers:
                request.receive(limit=after)
                raise _reset(request)
            case Reset(after):
                return _cut(self._inner(request), request, after)
            case Truncate() | FlipBit() | None:
                pass  # Damage plays it, if anything
            case other:
                assert_never(other)
        return self._inner(request)


class Damage:
    """Plays the faults that only show in the bytes: truncate, flip a bit. On uploads, after the checks."""

    def __init__(self, inner: Layer) -> None:
        self._inner = inner

    def __call__(self, request: S3Request) -> Response:
        """Serve ``request``, with its body or its answer's damaged."""
        if not isinstance(request.effect, Truncate | FlipBit):
            return self._inner(request)
        if request.size:
            request.stored = io.BytesIO(_damaged(request.spool, request.effect))
            return self._inner(request)
        response = self._inner(request)
        if request.method != "HEAD":
            response.set_data(_damaged(io.BytesIO(response.get_data()), request.effect))
        return response


def _reset(request: S3Request) -> ConnectionResetError:
    """Make the connection end in a TCP reset (socket(7), SO_LINGER of 0 s); return the error that ends it."""
    connection = cast("socket.socket", request.environ["werkzeug.socket"])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return ConnectionResetError("the fault plan resets this connection")


def _cut(response: Response, request: S3Request, after: int) -> Response:
    if request.method == "HEAD":
        raise _reset(request)
    data = response.get_data()

    def body() -> Iterator[bytes]:
        yield data[:after]
        raise _reset(request)

    response.headers["Content-Length"] = str(len(data))
    return Response(body(), status=response.status, headers=response.headers)


def _damaged(file: IO[bytes], effect: Truncate | FlipBit) -> bytes:
    file.seek(0)
    if isinstance(effect, Truncate):
        return file.read(effect.to)
    data = bytearray(file.read())
    if data:
        data[min(effect.bit // 8, len(data) - 1)] ^= 1 << effect.bit % 8
    return bytes(data)
