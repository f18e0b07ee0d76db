"""The layer of what rots: behind it the server keeps what was sent, before it everybody reads something else."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from werkzeug.exceptions import RequestedRangeNotSatisfiable

from harness.store.effect import FlipBit, Truncate
from harness.store.fault import UPLOADS
from harness.store.server.play import damaged
from harness.store.server.s3error import S3Error
from harness.store.server.wire import S3Request

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from harness.store.server.wire import Layer

_COPIES = {"CopyObject", "UploadPartCopy"}


class Rot:
    """Serves all requests, and damages each answer with an object whose upload met a fault ``at_rest``.

    A copy of it is damaged as well. What is put in its place is not.
    """

    def __init__(self, inner: Layer) -> None:
        self._inner = inner
        self._rotten: dict[tuple[str, str], Truncate | FlipBit] = {}

    def __call__(self, request: S3Request) -> Response:
        """Serve ``request``, or raise :class:`~harness.store.server.s3error.S3Error`."""
        if request.operation == "GetObject" and (damage := self._rotten.get((request.bucket, request.key))):
            return self._damaged(request, damage)
        copied = self._rotten.get(request.copied) if request.operation in _COPIES else None
        if copied and request.operation == "UploadPartCopy":
            raise S3Error(501, "NotImplemented", "This store cannot copy parts of an object that has rotted.")
        response = self._inner(request)
        if request.operation in UPLOADS and response.status_code < 300:
            self._keep(request, copied)
        return response

    def _keep(self, request: S3Request, copied: Truncate | FlipBit | None) -> None:
        fault = request.fault
        effect = fault.effect if fault and fault.at_rest else copied
        if isinstance(effect, Truncate | FlipBit):
            self._rotten[request.bucket, request.key] = effect
        else:
            self._rotten.pop((request.bucket, request.key), None)

    def _damaged(self, request: S3Request, damage: Truncate | FlipBit) -> Response:
        """Get the whole object, even if a part is asked for: the damage is at one place of it."""
        environ = {name: value for name, value in request.environ.items() if name != "HTTP_RANGE"}
        response = self._inner(S3Request(environ))
        if response.status_code != 200:
            return response
        data = damaged(io.BytesIO(response.get_data()), damage)
        response.set_data(data)
        try:
            return response.make_conditional(request.environ, accept_ranges=True, complete_length=len(data))
        except RequestedRangeNotSatisfiable:
            raise S3Error(416, "InvalidRange", "The requested range is not satisfiable.") from None
