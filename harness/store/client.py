"""A boto3 client that reaches a store under its public host name, which no resolver knows."""

from __future__ import annotations

import os
import ssl
from functools import cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import boto3
import botocore.session
import urllib3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ConnectionError as BotoConnectionError

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest
    from mypy_boto3_s3 import S3Client

    from harness.store.credentials import Credentials

_ADDRESS = "127.0.0.1"
_CONNECT = 5.0  # seconds
_READ = 60.0


def connect(url: str, credentials: Credentials, certificate: str) -> S3Client:
    """Return a client for the store at ``url`` (https, host name and port), which listens on 127.0.0.1.

    TLS checks ``certificate`` (the authority's, PEM) and the host name; Host and signature name it too. Requests
    are not retried, and the user's AWS configuration is ignored.
    """
    client: S3Client = _session().client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=credentials.key_id,
        aws_secret_access_key=credentials.secret,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 1},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
    client.meta.events.register("before-send.s3", _Sender(url, certificate).send)
    return client


@cache
def _session() -> boto3.Session:
    """Return the session that all clients share: loading S3's description takes 0.1 s."""
    nothing: tuple[None, None, Any, None] = (None, None, None, None)
    nowhere = (None, None, os.devnull, None)
    variables = {"profile": nothing, "config_file": nowhere, "credentials_file": nowhere}
    return boto3.Session(botocore_session=botocore.session.Session(session_vars=variables))


class _Sender:
    """Sends botocore's finished requests to 127.0.0.1 instead."""

    def __init__(self, url: str, certificate: str) -> None:
        parts = urlsplit(url)
        self._host = parts.netloc
        self._pool = urllib3.HTTPSConnectionPool(
            _ADDRESS,
            parts.port,
            ssl_context=ssl.create_default_context(cadata=certificate),
            server_hostname=parts.hostname,
            assert_hostname=parts.hostname,
            timeout=urllib3.Timeout(connect=_CONNECT, read=_READ),
            retries=False,
        )

    def send(self, request: AWSPreparedRequest, **_: Any) -> Any:
        """Return the answer: a before-send handler that returns one replaces botocore's sending."""
        parts = urlsplit(request.url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = {name: _text(value) for name, value in request.headers.items()} | {"Host": self._host}
        try:
            response = self._pool.urlopen(
                request.method,
                target,
                body=cast("bytes | None", request.body),
                headers=headers,
                preload_content=False,
                decode_content=False,
                redirect=False,
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise BotoConnectionError(error=error) from error
        return AWSResponse(request.url, response.status, HTTPHeaders.from_dict(response.headers), response)


def _text(value: str | bytes) -> str:
    return value.decode("ascii") if isinstance(value, bytes) else value
