"""moto's S3, without the Flask application of moto's own server."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError

from botocore.exceptions import ClientError
from moto import settings
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.request import Request as MotoRequest
from moto.s3.models import s3_backends
from moto.s3.responses import S3Response
from werkzeug.wrappers import Response

from harness.store.server.kinds.plain import plain_environ
from harness.store.server.s3error import S3Error

if TYPE_CHECKING:
    from pathlib import Path

    from harness.store.server.wire import S3Request

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

# The article's host names have no bucket in front: all URLs are in path style.
settings.S3_IGNORE_SUBDOMAIN_BUCKETNAME = True


class Moto:
    """A store in this process's memory; one per process, as moto's state is global."""

    def __init__(self, bucket: str, directory: Path) -> None:  # noqa: ARG002 - a kind takes both
        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].create_bucket(bucket, "us-east-1")
        self._lock = threading.Lock()
        """moto lists what another thread deletes, and reads what one replaces."""

    def __call__(self, request: S3Request) -> Response:
        """Serve a request that has been checked. Bugs in moto surface as whatever else it raises.

        Raises:
            S3Error: S3 has no such request, or no such upload, or its body is not XML.
        """
        moto_request = MotoRequest(_environ(request))
        moto_request.from_wsgi_server = True
        serve = S3Response.key_dispatch if request.key else S3Response.bucket_dispatch
        try:
            with self._lock:
                answer = serve(moto_request, moto_request.raw_url, dict(moto_request.headers))
        except ClientError as error:
            answer = 400, {}, error.response["Error"]["Message"]
        except ExpatError:
            message = "The XML you provided was not well-formed or did not validate against our published schema."
            raise S3Error(400, "MalformedXML", message) from None
        except Exception as error:
            if not request.operation:
                message = "The specified method is not allowed against this resource."
                raise S3Error(405, "MethodNotAllowed", message) from None
            if isinstance(error, KeyError) and error.args == (request.args.get("uploadId"),):
                message = "The specified multipart upload does not exist."  # not any more: a client may try again
                raise S3Error(404, "NoSuchUpload", message) from None
            raise
        status, headers, content = answer if len(answer) == 3 else (200, {}, answer)
        response = Response(content, status=status, headers=headers)
        if request.method == "HEAD" and "content-length" in headers:
            response.headers["Content-Length"] = headers["content-length"]
        return response


def _environ(request: S3Request) -> dict[str, Any]:
    environ = plain_environ(request)
    if environ.get("CONTENT_TYPE", "").startswith(_FORMS):
        environ["CONTENT_TYPE"] = "application/octet-stream"  # moto would parse the object as a form
    return environ
