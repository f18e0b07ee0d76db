"""Authentication: what real stores refuse and moto does not."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from harness.store.credentials import Credentials
from harness.store.server.clock import Clock
from harness.store.server.gatekeeper import Gatekeeper
from harness.store.server.s3error import S3Error
from harness.store.server.wire import S3Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_s3 import S3Client

    from harness.store.store import Store
    from tests.store.by_hand import ByHand
    from tests.store.conftest import Pair


def test_each_store_has_its_own_key(pair: Pair) -> None:
    stranger = pair.a.client(pair.b.credentials)
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        stranger.put_object(Bucket="bucket1", Key="x", Body=b"x")
    assert pair.a.objects() == []


def test_wrong_secret(store: Store) -> None:
    liar = store.client(Credentials(store.credentials.key_id, "guess"))
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        liar.put_object(Bucket="bucket1", Key="x", Body=b"x")
    with pytest.raises(ClientError, match="403"):
        liar.head_bucket(Bucket="bucket1")
    assert store.objects() == []


@pytest.mark.parametrize("key", ["plain", "a b+c&d=e", "ünï/cödé", "~tilde'(x)*!", "%41 is not A", "//slashes//"])
def test_odd_keys_are_signed_rightly(store: Store, client: S3Client, kind: str, key: str) -> None:
    if kind == "rclone" and "//" in key:
        with pytest.raises(ClientError, match="InvalidArgument"):  # its keys are file paths
            client.put_object(Bucket="bucket1", Key=key, Body=b"x")
        return
    client.put_object(Bucket="bucket1", Key=key, Body=b"x", Metadata={"k": "two  blanks"})
    assert [stored.key for stored in store.objects(prefix=key[:3])] == [key]
    assert store.fetch(key) == b"x"


def _drop(name: str) -> Callable[[dict[str, str]], None]:
    return lambda headers: headers.__delitem__(name)


def _set(**values: str) -> Callable[[dict[str, str]], None]:
    return lambda headers: headers.update({name.replace("_", "-"): value for name, value in values.items()})


@pytest.mark.parametrize(
    ("spoil", "status", "code"),
    [
        pytest.param(_drop("Authorization"), 403, "AccessDenied", id="unsigned"),
        pytest.param(_set(Authorization="Basic eDp5"), 400, "AuthorizationHeaderMalformed", id="basic"),
        pytest.param(_set(Authorization="AWS key:signature"), 400, "InvalidRequest", id="version-2"),
        pytest.param(_drop("X-Amz-Date"), 403, "AccessDenied", id="no-date"),
        pytest.param(_set(X_Amz_Date="20010101T000000Z"), 403, "RequestTimeTooSkewed", id="date-of-2001"),
        pytest.param(_set(x_amz_acl="public-read"), 403, "AccessDenied", id="header-added"),
        pytest.param(_set(X_Amz_Content_SHA256="UNSIGNED-PAYLOAD"), 403, "SignatureDoesNotMatch", id="header-changed"),
        pytest.param(_set(Host="let-say-wasabi.com"), 403, "SignatureDoesNotMatch", id="other-host"),
    ],
)
def test_refused(
    by_hand: ByHand, store: Store, spoil: Callable[[dict[str, str]], None], status: int, code: str
) -> None:
    headers = by_hand.sign("PUT", by_hand.target(), b"data")
    spoil(headers)
    answer = by_hand.send("PUT", by_hand.target(), b"data", headers)
    assert (answer.status, answer.code) == (status, code)
    assert store.objects() == []
    (seen,) = store.requests()
    assert (seen.status, seen.error, seen.size) == (status, code, 4)


@pytest.mark.parametrize("other", ["/bucket1/elsewhere", "/bucket1/by-hand?acl", "/bucket1/by-hand?versionId=1"])
def test_signed_for_another_url(by_hand: ByHand, other: str) -> None:
    headers = by_hand.sign("PUT", by_hand.target(), b"data")
    assert by_hand.send("PUT", other, b"data", headers).code == "SignatureDoesNotMatch"


def test_signed_for_another_method(by_hand: ByHand) -> None:
    headers = by_hand.sign("GET", by_hand.target())
    assert by_hand.send("DELETE", by_hand.target(), b"", headers).code == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    ("minutes", "code"), [(-16, "RequestTimeTooSkewed"), (16, "RequestTimeTooSkewed"), (-14, ""), (14, "")]
)
def test_fifteen_minutes_of_skew(by_hand: ByHand, store: Store, minutes: int, code: str) -> None:
    store.skew(60 * minutes)
    assert by_hand.put(b"data").code == code


def test_the_harness_asks_whatever_the_stores_time(store: Store) -> None:
    store.skew(3600)
    assert store.objects() == []


def test_presigned_requests_are_said_to_be_unsupported(by_hand: ByHand, store: Store, client: S3Client) -> None:
    url = client.generate_presigned_url("get_object", Params={"Bucket": "bucket1", "Key": "by-hand"})
    target = url.removeprefix(store.url)
    answer = by_hand.send("GET", target, b"", {"Host": f"{store.hostname}:{store.port}"})
    assert (answer.status, answer.code) == (501, "NotImplemented")
    assert store.requests()[0].key_id == store.credentials.key_id


# Amazon S3 API Reference, "Signature calculations for the Authorization header: transferring payload in multiple
# chunks": the page's example, with its published keys and signatures.
_EXAMPLE_DATE = datetime(2013, 5, 24, tzinfo=UTC)
_EXAMPLE_SECRETS = {"AKIAIOSFODNN7EXAMPLE": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
_EXAMPLE_HEADERS = {
    "Host": "s3.amazonaws.com",
    "x-amz-date": "20130524T000000Z",
    "x-amz-storage-class": "REDUCED_REDUNDANCY",
    "Authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
    "SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
    "x-amz-decoded-content-length;x-amz-storage-class,"
    "Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "Content-Encoding": "aws-chunked",
    "x-amz-decoded-content-length": "66560",
    "Content-Length": "66824",
}
_EXAMPLE_CHUNKS = [
    (65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
    (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
    (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
]


def _example(fill: bytes) -> S3Request:
    body = b"".join(
        f"{size:x};chunk-signature={signature}\r\n".encode() + fill * size + b"\r\n"
        for size, signature in _EXAMPLE_CHUNKS
    )
    builder = EnvironBuilder("/examplebucket/chunkObject.txt", method="PUT", input_stream=io.BytesIO(body))
    builder.headers.update(_EXAMPLE_HEADERS)
    return S3Request(builder.get_environ())


class _Then(Clock):
    def now(self) -> datetime:
        return _EXAMPLE_DATE


def test_signed_chunks_of_the_reference() -> None:
    gate = Gatekeeper(lambda _: Response("served"), _EXAMPLE_SECRETS, _Then())
    request = _example(b"a")
    assert gate(request).get_data() == b"served"
    assert request.size == 66560


def test_a_chunk_that_was_changed() -> None:
    gate = Gatekeeper(lambda _: Response("served"), _EXAMPLE_SECRETS, _Then())
    with pytest.raises(S3Error) as caught:
        gate(_example(b"b"))
    assert caught.value.code == "SignatureDoesNotMatch"
