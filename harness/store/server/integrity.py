"""Whether a body matches its headers: payload hash, Content-MD5, x-amz-checksum. moto checks none of them.

Rules: Amazon S3 API Reference, "PutObject"; Amazon S3 User Guide, "Checking object integrity".
"""

from __future__ import annotations

import base64
import re
import zlib
from typing import TYPE_CHECKING

from harness.store.server.crc import CRC32C, CRC64NVME
from harness.store.server.s3error import S3Error

if TYPE_CHECKING:
    from harness.store.server.wire import S3Request

_CHECKSUM = "x-amz-checksum-"
_NOT_A_CHECKSUM = {"algorithm", "mode", "type"}
_UNSIGNED = {"UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}
_SIGNED_CHUNKS = {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"}
_BLOCK = 1 << 20
_CRCS = {"crc32": (4, zlib.crc32), "crc32c": (4, CRC32C.update), "crc64nvme": (8, CRC64NVME.update)}


def verify(request: S3Request) -> None:
    """Check the received body against everything the request says about it.

    Raises:
        S3Error: it differs.
    """
    _check_length(request)
    _check_payload(request)
    _check_md5(request)
    if not (request.method == "POST" and "uploadId" in request.args):  # there it covers the whole object, not the body
        _check_checksums(request)


def _check_length(request: S3Request) -> None:
    declared = request.headers.get("x-amz-decoded-content-length" if request.streaming else "Content-Length")
    if declared is None and request.size:
        raise S3Error(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
    if declared is not None and declared != str(request.size):
        message = "You did not provide the number of bytes specified by the Content-Length HTTP header."
        raise S3Error(400, "IncompleteBody", message)


def _check_payload(request: S3Request) -> None:
    if request.payload in _UNSIGNED | _SIGNED_CHUNKS:
        return
    if not re.fullmatch(r"[0-9a-f]{64}", request.payload):
        message = "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING-… value, or a valid SHA-256 value."
        raise S3Error(400, "InvalidArgument", message)
    if request.payload != request.digest("sha256").hex():
        message = "The provided 'x-amz-content-sha256' header does not match what was computed."
        raise S3Error(400, "XAmzContentSHA256Mismatch", message)


def _check_md5(request: S3Request) -> None:
    header = request.headers.get("Content-MD5")
    if header is None:
        return
    given = _base64(header)
    if given is None or len(given) != 16:
        raise S3Error(400, "InvalidDigest", "The Content-MD5 you specified is not valid.")
    if given != request.digest("md5"):
        raise S3Error(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")


def _check_checksums(request: S3Request) -> None:
    headers = {name.lower(): value for name, value in request.headers} | request.trailers
    announced = request.headers.get("x-amz-trailer")
    if announced and announced.lower() not in request.trailers:
        raise S3Error(400, "MalformedTrailerError", f"The announced trailer {announced} is missing.")
    for name, value in headers.items():
        algorithm = name.removeprefix(_CHECKSUM)
        if name.startswith(_CHECKSUM) and algorithm not in _NOT_A_CHECKSUM:
            if _base64(value) is None:
                raise S3Error(400, "InvalidRequest", f"Value for {name} header is invalid.")
            if _base64(value) != _checksum(request, algorithm):
                label = algorithm.upper()
                raise S3Error(400, "BadDigest", f"The {label} you specified did not match the calculated checksum.")


def _checksum(request: S3Request, algorithm: str) -> bytes:
    if algorithm in {"sha1", "sha256"}:
        return request.digest(algorithm)
    if algorithm not in _CRCS:
        raise S3Error(400, "InvalidRequest", f"The {algorithm.upper()} checksum is none that can be specified.")
    size, update = _CRCS[algorithm]
    value = 0
    request.spool.seek(0)
    while block := request.spool.read(_BLOCK):
        value = update(block, value)
    return value.to_bytes(size, "big")


def _base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:  # binascii.Error among them
        return None
