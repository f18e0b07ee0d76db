"""A request as the store behind our layers sees it: they have removed signature and chunking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.store.server.wire import S3Request


def plain_environ(request: S3Request) -> dict[str, Any]:
    """Return the request's WSGI environment, with its decoded body, or what a fault made of it."""
    environ = dict(request.environ)
    body = request.stored or request.spool
    environ["CONTENT_LENGTH"] = str(body.seek(0, 2))
    body.seek(0)
    environ["wsgi.input"] = body
    environ["HTTP_X_AMZ_CONTENT_SHA256"] = "UNSIGNED-PAYLOAD"
    for name in ("TRANSFER_ENCODING", "CONTENT_MD5", "X_AMZ_TRAILER", "X_AMZ_DECODED_CONTENT_LENGTH"):
        environ.pop(f"HTTP_{name}", None)
    encodings = [part.strip() for part in environ.pop("HTTP_CONTENT_ENCODING", "").split(",")]
    if kept := [part for part in encodings if part not in {"", "aws-chunked"}]:
        environ["HTTP_CONTENT_ENCODING"] = ",".join(kept)
    for name, value in request.trailers.items():
        if name.startswith("x-amz-checksum-"):  # which the server may keep, as it does a header
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return environ
