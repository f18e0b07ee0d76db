"""The layer that refuses what a real store refuses but moto or ``rclone serve s3`` would serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.store.server import integrity, signature

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from werkzeug.wrappers import Response

    from harness.store.server.clock import Clock
    from harness.store.server.wire import Layer, S3Request


class Gatekeeper:
    """Lets a request through if a known key signed it recently and its body matches its headers."""

    def __init__(self, inner: Layer, secrets: Mapping[str, str], clock: Clock, exempt: Collection[str] = ()) -> None:
        """Accept requests by the access key ids ``exempt``, which the harness gave, of any date."""
        self._inner = inner
        self._exempt = exempt
        self._secrets = secrets
        self._clock = clock

    def __call__(self, request: S3Request) -> Response:
        """Serve ``request``, or raise :class:`~harness.store.server.s3error.S3Error`."""
        now = None if request.key_id in self._exempt else self._clock.now()
        signed = signature.verify(request, self._secrets, now)
        request.receive()
        if request.payload.startswith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"):
            signed.check_chunks(request.chunks, request.trailers)
        integrity.verify(request)
        return self._inner(request)
