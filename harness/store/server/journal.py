"""The outermost layer: turns HTTP into requests, results and errors into answers, and writes both to the journal.

What nobody expected ends the store: its owner then sees that it died, and our failure is not taken for an answer.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

from harness.store.plaintext import LONGEST, format_of
from harness.store.request import Request
from harness.store.server.s3error import S3Error
from harness.store.server.wire import S3Request

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIEnvironment

    from werkzeug.wrappers import Response

    from harness.store.forbidden import Forbidden
    from harness.store.server.wire import Layer

_CODE = re.compile(rb"<Code>([^<]*)</Code>")


class Journal:
    """A WSGI application that writes a line for each request before the first byte of its answer is sent.

    So a client that has its answer finds the request in the journal.
    """

    def __init__(self, inner: Layer, path: Path, forbidden: Forbidden) -> None:
        self._inner = inner
        self._forbidden = forbidden
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request; dropped connections are journalled too."""
        try:
            return self._journalled(S3Request(environ))(environ, start_response)
        except ConnectionError:
            raise
        except Exception:  # noqa: BLE001 - whatever it is
            try:
                traceback.print_exc(file=sys.stderr)
                sys.stderr.flush()
            finally:  # where the disk is full, nothing can be said
                os._exit(1)

    def _journalled(self, request: S3Request) -> Response:
        start = datetime.now(UTC)
        try:
            response = self._serve(request)
        except ConnectionError:
            self._write(request, start, None)
            raise
        self._write(request, start, response)
        return response

    def _serve(self, request: S3Request) -> Response:
        try:
            response = self._inner(request)
        except S3Error as refusal:
            response = refusal.response(request.path)
        with contextlib.suppress(S3Error):
            request.receive()  # read what was refused unread: it was sent over the network all the same
        return response

    def _write(self, request: S3Request, start: datetime, response: Response | None) -> None:
        line = self._record(request, start, response).to_json()
        with self._lock:
            self._file.write(f"{line}\n")
            self._file.flush()

    def _record(self, request: S3Request, start: datetime, response: Response | None) -> Request:
        clean = self._forbidden.redact
        bucket, copied = request.copied
        request.spool.seek(0)
        return Request(
            start=start,
            end=datetime.now(UTC),
            method=request.method,
            tls=request.is_secure,
            certificate=request.certificate,
            path=clean(request.path),
            query={clean(name): clean(value) for name, value in request.args.items()},
            operation=request.operation,
            copied=clean(copied) if bucket == request.bucket else "",
            bucket=clean(request.bucket),
            key=clean(request.key),
            key_id=clean(request.key_id),
            size=request.size,
            sha256=request.digest("sha256").hex(),
            plaintext=format_of(_head(request)),
            forbidden=self._found(request),
            status=None if response is None else response.status_code,
            done=request.done or (response is not None and response.status_code < 300),
            error=_code(response),
            answer_size=_size(request, response),
            fault="" if request.effect is None else type(request.effect).__name__,
        )

    def _found(self, request: S3Request) -> dict[str, tuple[str, ...]]:
        url = f"{request.raw_path}?{request.query_string.decode('latin-1')}"
        headers = "\n".join(f"{name}: {value}" for name, value in request.headers)
        places = {
            "body": self._forbidden.in_file(request.spool),
            "url": self._forbidden.in_text(f"{url}\n{unquote(url)}"),
            "headers": self._forbidden.in_text(f"{headers}\n{unquote(headers)}"),
        }
        labels = sorted(set().union(*places.values()))
        return {label: tuple(place for place, found in places.items() if label in found) for label in labels}


def _head(request: S3Request) -> bytes:
    request.spool.seek(0)
    return request.spool.read(LONGEST)


def _size(request: S3Request, response: Response | None) -> int:
    return 0 if response is None or request.method == "HEAD" else response.content_length or 0


def _code(response: Response | None) -> str:
    if response is None or response.status_code < 400:
        return ""
    match = _CODE.search(response.get_data())
    return match[1].decode() if match else ""
