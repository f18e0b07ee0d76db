"""The layer that holds the guest's key to what it may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.store.denied import Denied
from harness.store.fault import UPLOADS
from harness.store.server.s3error import S3Error
from harness.store.server.wire import S3Request

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from harness.store.server.wire import Layer

_READING = {"GET", "HEAD"}
_OPERATIONS = {
    Denied.DELETE: {"DeleteObject", "DeleteObjects", "DeleteBucket"},
    Denied.LIST: {
        "HeadBucket",
        "ListBuckets",
        "ListMultipartUploads",
        "ListObjectVersions",
        "ListObjects",
        "ListObjectsV2",
    },
    Denied.CREATE_BUCKET: {"CreateBucket"},
    Denied.OVERWRITE: UPLOADS,
}


class Policy:
    """Refuses what the plan denies to the guest's key, and to the key ``reader`` all but reading.

    The harness's own key may do all.
    """

    def __init__(self, inner: Layer, reader: str = "") -> None:
        self._inner = inner
        self._reader = reader

    def __call__(self, request: S3Request) -> Response:
        """Serve ``request``, or raise :class:`~harness.store.server.s3error.S3Error`."""
        if request.key_id == self._reader and request.method not in _READING:
            raise _refusal()
        denied = request.plan.denied if request.plan else frozenset()
        for right in denied:
            if request.operation in _OPERATIONS[right] and (right != Denied.OVERWRITE or self._exists(request)):
                raise _refusal()
        response = self._inner(request)
        if Denied.LIST in denied and request.operation in {"GetObject", "HeadObject"} and response.status_code == 404:
            response.close()
            raise _refusal()
        return response

    def _exists(self, request: S3Request) -> bool:
        """Ask the server for the object that ``request`` would write."""
        kept = {"HTTP_HOST", "HTTP_AUTHORIZATION"}
        environ = {name: value for name, value in request.environ.items() if name in kept or name[:5] != "HTTP_"}
        response = self._inner(
            S3Request({**environ, "REQUEST_METHOD": "HEAD", "QUERY_STRING": "", "RAW_URI": request.raw_path})
        )
        response.close()
        return response.status_code == 200


def _refusal() -> S3Error:
    return S3Error(403, "AccessDenied", "Access Denied: the key's policy does not allow it.")
