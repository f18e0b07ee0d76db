"""Bodies that do not match their headers are refused."""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import TYPE_CHECKING

import pytest

from harness.store.server.crc import CRC32C, CRC64NVME, Crc

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from harness.store.store import Store
    from tests.store.by_hand import ByHand

BODY = b"an archive"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


CHECKSUMS = {
    "Content-MD5": _base64(hashlib.md5(BODY).digest()),
    "x-amz-checksum-crc32": _base64(zlib.crc32(BODY).to_bytes(4, "big")),
    # Computed by another library, anycrc 2.1.
    "x-amz-checksum-crc32c": "3vmSVA==",
    "x-amz-checksum-crc64nvme": "8/5BXRoQPnk=",
    "x-amz-checksum-sha1": _base64(hashlib.sha1(BODY).digest()),
    "x-amz-checksum-sha256": _base64(hashlib.sha256(BODY).digest()),
}


@pytest.mark.parametrize("header", CHECKSUMS)
def test_checksums(by_hand: ByHand, store: Store, header: str) -> None:
    wrong = by_hand.put(BODY + b"!", {header: CHECKSUMS[header]})
    assert (wrong.status, wrong.code) == (400, "BadDigest")
    assert store.objects() == []
    assert by_hand.put(BODY, {header: CHECKSUMS[header]}).status == 200
    assert store.fetch("by-hand") == BODY


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Content-MD5": "nonsense!"}, "InvalidDigest"),
        ({"Content-MD5": _base64(b"too short")}, "InvalidDigest"),
        ({"x-amz-checksum-crc32": "nonsense!"}, "InvalidRequest"),
        ({"x-amz-checksum-crc32": "nonsénse"}, "InvalidRequest"),
        ({"x-amz-checksum-odd": _base64(b"12345678")}, "InvalidRequest"),
    ],
)
def test_checksums_that_are_none(by_hand: ByHand, headers: dict[str, str], code: str) -> None:
    assert by_hand.put(BODY, headers).code == code


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (hashlib.sha256(b"another").hexdigest(), "XAmzContentSHA256Mismatch"),
        ("whatever", "InvalidArgument"),
        ("STREAMING-UNHEARD-OF", "IncompleteBody"),
        ("UNSIGNED-PAYLOAD", ""),
    ],
)
def test_payload_hash(by_hand: ByHand, payload: str, code: str) -> None:
    assert by_hand.put(BODY, payload=payload).code == code


@pytest.mark.parametrize(("crc", "check"), [(CRC32C, 0xE3069283), (CRC64NVME, 0xAE8B14860A799888)])
def test_the_catalogues_check_values(crc: Crc, check: int) -> None:
    assert crc.update(b"123456789") == check
    assert crc.update(b"6789", crc.update(b"12345")) == crc.update(b"56789", crc.update(b"1234")) == check


def test_a_checksum_in_a_trailer_is_kept(by_hand: ByHand, client: S3Client, kind: str) -> None:
    """As AWS's own clients send it."""
    name, value = "x-amz-checksum-crc64nvme", CHECKSUMS["x-amz-checksum-crc64nvme"]
    headers = {"x-amz-decoded-content-length": str(len(BODY)), "x-amz-trailer": name}
    headers |= {"x-amz-sdk-checksum-algorithm": "CRC64NVME"}
    framed = _chunked(BODY, trailers=f"{name}:{value}\r\n".encode())
    assert by_hand.put(framed, headers, payload="STREAMING-UNSIGNED-PAYLOAD-TRAILER").status == 200
    if kind != "rclone":  # does not keep them
        head = client.head_object(Bucket="bucket1", Key="by-hand", ChecksumMode="ENABLED")
        assert head["ChecksumCRC64NVME"] == value


def _chunked(*chunks: bytes, trailers: bytes = b"") -> bytes:
    framed = b"".join(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n" for chunk in chunks)
    return framed + b"0\r\n" + trailers + b"\r\n"


def _put_chunked(by_hand: ByHand, body: bytes, size: int, trailer: str = "") -> str:
    headers = {"Content-Encoding": "aws-chunked", "x-amz-decoded-content-length": str(size)}
    if trailer:
        headers["x-amz-trailer"] = trailer
    return by_hand.put(body, headers, payload="STREAMING-UNSIGNED-PAYLOAD-TRAILER").code


def _trailer(crc32: str) -> bytes:
    return f"x-amz-checksum-crc32:{crc32}\r\n".encode()


def test_chunked_body_is_stored_without_its_framing(by_hand: ByHand, store: Store) -> None:
    body = _chunked(BODY[:4], BODY[4:], trailers=_trailer(CHECKSUMS["x-amz-checksum-crc32"]))
    assert _put_chunked(by_hand, body, len(BODY), "x-amz-checksum-crc32") == ""
    assert store.fetch("by-hand") == BODY
    seen = store.requests()[0]
    assert (seen.size, seen.sha256) == (len(BODY), hashlib.sha256(BODY).hexdigest())


@pytest.mark.parametrize(
    ("body", "size"),
    [
        pytest.param(_chunked(BODY), 11, id="wrong-length"),
        pytest.param(_chunked(BODY)[:-14], 10, id="cut-in-a-chunk"),
        pytest.param(b"zz\r\nabc\r\n0\r\n\r\n", 3, id="no-size"),
        pytest.param(b"-3\r\nabc\r\n0\r\n\r\n", 3, id="negative-size"),
        pytest.param(b"2\r\nabc\r\n0\r\n\r\n", 2, id="longer-than-said"),
    ],
)
def test_malformed_chunks(by_hand: ByHand, store: Store, body: bytes, size: int) -> None:
    assert _put_chunked(by_hand, body, size) == "IncompleteBody"
    assert store.objects() == []


@pytest.mark.parametrize(
    ("trailers", "code"), [(b"", "MalformedTrailerError"), (_trailer("AAAAAA=="), "BadDigest")], ids=["none", "wrong"]
)
def test_trailers(by_hand: ByHand, store: Store, trailers: bytes, code: str) -> None:
    body = _chunked(BODY, trailers=trailers)
    assert _put_chunked(by_hand, body, len(BODY), "x-amz-checksum-crc32") == code
    assert store.objects() == []


def test_length_is_required(by_hand: ByHand) -> None:
    headers = by_hand.sign("PUT", by_hand.target(), BODY, payload="UNSIGNED-PAYLOAD")
    headers["Transfer-Encoding"] = "chunked"
    framed = b"a\r\n" + BODY + b"\r\n0\r\n\r\n"
    connection = by_hand.connect()
    connection.putrequest("PUT", by_hand.target(), skip_host=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders(framed)
    response = connection.getresponse()
    assert (response.status, b"MissingContentLength" in response.read()) == (411, True)
    connection.close()


def test_a_body_that_calls_itself_a_form(by_hand: ByHand, store: Store) -> None:
    """Curl sends every body as one."""
    by_hand.put(b"key=x&b=%20&file=y", {"Content-Type": "application/x-www-form-urlencoded"})
    assert store.fetch("by-hand") == b"key=x&b=%20&file=y"


def test_boto3s_own_checksums_pass(store: Store, client: S3Client, kind: str) -> None:
    for algorithm in ("CRC32", "SHA1", "SHA256"):
        client.put_object(Bucket="bucket1", Key=algorithm, Body=BODY, ChecksumAlgorithm=algorithm)
        if kind == "rclone":  # does not keep them
            continue
        head = client.head_object(Bucket="bucket1", Key=algorithm, ChecksumMode="ENABLED")
        assert head[f"Checksum{algorithm}"] == CHECKSUMS[f"x-amz-checksum-{algorithm.lower()}"]  # type: ignore[literal-required]
    client.delete_objects(Bucket="bucket1", Delete={"Objects": [{"Key": "SHA1"}]})
    assert [stored.key for stored in store.objects()] == ["CRC32", "SHA256"]


def test_boto3s_multipart_upload(store: Store, client: S3Client, kind: str) -> None:
    part = b"x" * (5 << 20)
    upload = client.create_multipart_upload(
        Bucket="bucket1", Key="big", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT"
    )["UploadId"]
    parts = []
    for number, data in enumerate((part, b"the rest"), start=1):
        done = client.upload_part(
            Bucket="bucket1", Key="big", UploadId=upload, PartNumber=number, Body=data, ChecksumAlgorithm="CRC32"
        )
        kept = {"ChecksumCRC32": done["ChecksumCRC32"]} if kind != "rclone" else {}  # rclone does not
        parts.append({"ETag": done["ETag"], "PartNumber": number, **kept})
    client.complete_multipart_upload(
        Bucket="bucket1",
        Key="big",
        UploadId=upload,
        MultipartUpload={"Parts": parts},  # type: ignore[typeddict-item]
        ChecksumCRC32=_base64(zlib.crc32(part + b"the rest").to_bytes(4, "big")),
        ChecksumType="FULL_OBJECT",
    )
    assert store.fetch("big") == part + b"the rest"
    assert [r.size for r in store.requests() if "partNumber" in r.query] == [len(part), 8]
