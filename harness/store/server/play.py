"""The layers that play faults: one on the connection, before any check, one on what the store keeps."""

from __future__ import annotations

import io
import select
import socket
import struct
from typing import IO, TYPE_CHECKING, assert_never, cast

from werkzeug.wrappers import Response

from harness.store.effect import FlipBit, Lag, Page, Refuse, Reset, Slow, Stall, Truncate
from harness.store.server.s3error import S3Error

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from harness.store.server.plan import Plan
    from harness.store.server.wire import Layer, S3Request

# MinIO's for 507; the others are Amazon's (Amazon S3 API Reference, "Error responses").
_CODES = {
    403: "AccessDenied",
    429: "TooManyRequests",
    500: "InternalError",
    503: "SlowDown",
    507: "XMinioStorageFull",
}
_PIECES = 10  # of a slow answer, per second


class Interrupt:
    """Plays the faults that a client notices: refuse, stall, slow, reset."""

    def __init__(self, inner: Layer, plan: Callable[[], Plan], exempt: Collection[str]) -> None:
        """Get the current plan from ``plan``; requests by the access key ids ``exempt`` are never faulted."""
        self._inner = inner
        self._plan = plan
        self._exempt = exempt

    def __call__(self, request: S3Request) -> Response:
        """Serve, delay, refuse or cut off ``request``."""
        plan = self._plan()
        if request.key_id not in self._exempt:
            request.plan = plan
            request.fault = plan.meet(request.method, request.key, request.operation)
        if request.fault is not None and request.fault.served:
            return self._after(request, self._inner(request), plan)
        match request.effect:
            case Refuse() as refuse:
                request.receive()
                raise _refusal(refuse)
            case Stall(seconds):
                request.receive()
                plan.over.wait(seconds)
                if _gone(request):  # else it would be stored at any time after its client's end
                    raise ConnectionResetError("the client is gone")
            case Slow(rate):
                request.receive(pace=lambda size: plan.over.wait(size / rate))
                return _slowed(self._inner(request), rate, plan)
            case Reset(after) if request.content_length or "Transfer-Encoding" in request.headers:
                request.receive(limit=after)
                raise _reset(request)
            case Reset(after):
                return _cut(self._inner(request), request, after)
            case Truncate() | FlipBit() | Lag() | Page() | None:
                pass  # another layer plays it, if anything
            case other:
                assert_never(other)
        return self._inner(request)

    def _after(self, request: S3Request, response: Response, plan: Plan) -> Response:
        """Disturb an answer: the server has done its work."""
        request.done = response.status_code < 300
        match request.effect:
            case Refuse() as refuse:
                response.close()
                raise _refusal(refuse)
            case Stall(seconds):
                plan.over.wait(seconds)
            case Slow(rate):
                return _slowed(response, rate, plan)
            case Reset():
                response.close()
                raise _reset(request)
            case Truncate() | FlipBit() | Lag() | Page() | None:
                pass  # there is no such fault after the work
            case other:
                assert_never(other)
        return response


class Damage:
    """Plays faults that only show in the bytes, but not those of bytes at rest. On uploads, after the checks."""

    def __init__(self, inner: Layer) -> None:
        self._inner = inner

    def __call__(self, request: S3Request) -> Response:
        """Serve ``request``, with its body or its answer's damaged."""
        fault = request.fault
        if fault is None or fault.at_rest or not isinstance(fault.effect, Truncate | FlipBit):
            return self._inner(request)
        if request.size:
            request.stored = io.BytesIO(damaged(request.spool, fault.effect))
            return self._inner(request)
        response = self._inner(request)
        if request.method != "HEAD":
            response.set_data(damaged(io.BytesIO(response.get_data()), fault.effect))
        return response


def _refusal(refuse: Refuse) -> S3Error:
    code = refuse.code or _CODES.get(refuse.status, "InternalError")
    return S3Error(refuse.status, code, "The fault plan refuses this request.", refuse.retry_after)


def _slowed(response: Response, rate: float, plan: Plan) -> Response:
    data = response.get_data()
    if not data:  # or a HEAD's, whose Content-Length is the object's
        return response
    piece = max(1, int(rate / _PIECES))

    def body() -> Iterator[bytes]:
        for start in range(0, len(data), piece):
            block = data[start : start + piece]
            plan.over.wait(len(block) / rate)
            yield block

    return _answer(body(), response, len(data))


def _answer(body: Iterator[bytes], response: Response, size: int) -> Response:
    """Return ``response`` with another body, said to have ``size`` bytes."""
    headers = response.headers.copy()
    headers["Content-Length"] = str(size)
    return Response(body, status=response.status, headers=headers)


def _gone(request: S3Request) -> bool:
    """Whether the client, which waits for an answer, has closed the connection instead: nothing else can arrive."""
    return bool(select.select([request.environ["werkzeug.socket"]], [], [], 0)[0])


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

    return _answer(body(), response, len(data))


def damaged(file: IO[bytes], effect: Truncate | FlipBit) -> bytes:
    """Return what the effect makes of a file's bytes."""
    file.seek(0)
    if isinstance(effect, Truncate):
        return file.read(effect.to)
    data = bytearray(file.read())
    if data:
        data[min(effect.bit // 8, len(data) - 1)] ^= 1 << effect.bit % 8
    return bytes(data)
