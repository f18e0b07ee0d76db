"""Verification of AWS Signature Version 4, which moto does not do.

Rules: Amazon S3 API Reference, "Authenticating requests (AWS Signature Version 4)". The signature itself is computed by
botocore's own signer. Presigned URLs and signature version 2 are refused with an explicit message: backup
programs sign with headers.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from harness.store.server.s3error import S3Error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.store.server.chunked import Chunk
    from harness.store.server.wire import S3Request

_SKEW_LIMIT = timedelta(minutes=15)
_TIMESTAMP = "%Y%m%dT%H%M%SZ"
_EMPTY_DIGEST = hashlib.sha256().hexdigest()
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256\s+"
    r"Credential=(?P<key_id>[^/,]+)/(?P<date>\d{8})/(?P<region>[^/,]+)/s3/aws4_request\s*,\s*"
    r"SignedHeaders=(?P<headers>[^,\s]+)\s*,\s*"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True)
class _Claim:
    """What the Authorization header says."""

    key_id: str
    date: str
    region: str
    headers: frozenset[str]
    signature: str


class _Signer(S3SigV4Auth):
    """botocore's signer, told which headers were signed instead of choosing them."""

    def __init__(self, secret: str, claim: _Claim) -> None:
        super().__init__(Credentials(claim.key_id, secret), "s3", claim.region)
        self._names = claim.headers

    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        return HTTPHeaders.from_pairs((name, request.headers.get(name, "")) for name in self._names)


def verify(request: S3Request, secrets: Mapping[str, str], now: datetime | None) -> SignedRequest:
    """Check who signed ``request``, and when (None: at any time), against the ``secrets`` by key id; ignores the body.

    Raises:
        S3Error: it is unsigned, or its signature, key or date is not accepted.
    """
    claim = _parse(request)
    if claim.key_id not in secrets:
        raise S3Error(403, "InvalidAccessKeyId", "The access key id you provided does not exist in our records.")
    timestamp = _check_date(request, claim, now)
    unsigned = {
        name
        for name, _ in request.headers
        if (name.lower() == "host" or name.lower().startswith("x-amz-")) and name.lower() not in claim.headers
    }
    if unsigned:
        names = ", ".join(sorted(unsigned))
        raise S3Error(403, "AccessDenied", f"There were headers present in the request which were not signed: {names}")
    if not request.payload:
        raise S3Error(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
    signed = SignedRequest(request, claim, secrets[claim.key_id], timestamp)
    signed.check()
    return signed


class SignedRequest:
    """A request with the signer that its client must have used."""

    def __init__(self, request: S3Request, claim: _Claim, secret: str, timestamp: str) -> None:
        query = request.query_string.decode("latin-1")
        self._aws = AWSRequest(
            method=request.method,
            # Decoded and encoded again: the signature covers the canonical form, whatever form was sent.
            url="https://store" + quote(unquote(request.raw_path), safe="/-_.~"),
            params=[_pair(part) for part in query.split("&") if part],  # type: ignore[arg-type]  # pairs will do
        )
        for name, value in request.headers:
            self._aws.headers.add_header(name, value)
        self._aws.context["timestamp"] = timestamp
        self._claim = claim
        self._signer = _Signer(secret, claim)

    def check(self) -> None:
        """Raise :class:`S3Error` unless the request's signature is the right one."""
        canonical = self._signer.canonical_request(self._aws)
        self._compare(self._claim.signature, self._signer.string_to_sign(self._aws, canonical))

    def check_chunks(self, chunks: Iterable[Chunk], trailers: Mapping[str, str]) -> None:
        """Raise :class:`S3Error` unless the signature of each chunk, and of the trailers, is the right one.

        Each one also signs its predecessor, so that chunks cannot be swapped; the first one the request's.
        """
        previous = self._claim.signature
        for chunk in chunks:
            self._compare(chunk.signature, self._link("PAYLOAD", previous, _EMPTY_DIGEST, chunk.digest))
            previous = chunk.signature
        if "x-amz-trailer-signature" in trailers:
            block = "".join(f"{k}:{v}\n" for k, v in trailers.items() if k != "x-amz-trailer-signature")
            digest = hashlib.sha256(block.encode()).hexdigest()
            self._compare(trailers["x-amz-trailer-signature"], self._link("TRAILER", previous, digest))

    def _link(self, kind: str, *rest: str) -> str:
        scope = self._signer.credential_scope(self._aws)
        return "\n".join([f"AWS4-HMAC-SHA256-{kind}", self._aws.context["timestamp"], scope, *rest])

    def _compare(self, given: str, string_to_sign: str) -> None:
        if not hmac.compare_digest(given.encode(), self._signer.signature(string_to_sign, self._aws).encode()):
            message = "The request signature we calculated does not match the signature you provided."
            raise S3Error(403, "SignatureDoesNotMatch", message)


def _parse(request: S3Request) -> _Claim:
    authorization = request.headers.get("Authorization", "")
    if not authorization and ({"X-Amz-Signature", "Signature"} & request.args.keys()):
        raise S3Error(501, "NotImplemented", "This store does not serve presigned requests; sign with headers.")
    if not authorization:
        raise S3Error(403, "AccessDenied", "Access Denied: the request is not signed.")
    if authorization.startswith("AWS "):
        message = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
        raise S3Error(400, "InvalidRequest", message)
    match = _AUTHORIZATION.fullmatch(authorization.strip())
    if match is None:
        raise S3Error(400, "AuthorizationHeaderMalformed", "The authorization header you provided is invalid.")
    headers = frozenset(match["headers"].lower().split(";"))
    return _Claim(match["key_id"], match["date"], match["region"], headers, match["signature"])


def _check_date(request: S3Request, claim: _Claim, now: datetime | None) -> str:
    timestamp = request.headers.get("x-amz-date", "")
    try:
        date = datetime.strptime(timestamp, _TIMESTAMP).replace(tzinfo=UTC)
    except ValueError:
        raise S3Error(403, "AccessDenied", "AWS authentication requires a valid x-amz-date header") from None
    if now and abs(now - date) > _SKEW_LIMIT:
        message = "The difference between the request time and the current time is too large."
        raise S3Error(403, "RequestTimeTooSkewed", f"{message} Request: {timestamp}; server: {now:{_TIMESTAMP}}.")
    if not timestamp.startswith(claim.date):
        message = "The date in the credential scope does not match the date of the request."
        raise S3Error(400, "AuthorizationHeaderMalformed", message)
    return timestamp


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return unquote(name), unquote(value)
