"""A refusal as an S3 store words it.

Codes and statuses: Amazon S3 API Reference, "Error responses".
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from werkzeug.wrappers import Response


class S3Error(Exception):
    """A refused request, with its HTTP status and S3 error code."""

    def __init__(self, status: int, code: str, message: str, retry_after: int | None = None) -> None:
        """``retry_after`` is the Retry-After header, in seconds."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def response(self, resource: str) -> Response:
        """Return the answer's XML; ``resource`` is the requested path."""
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{escape(self.code)}</Code><Message>{escape(self.message)}</Message>"
            f"<Resource>{escape(resource)}</Resource><RequestId>0</RequestId></Error>"
        )
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return Response(body, status=self.status, headers=headers, content_type="application/xml")
