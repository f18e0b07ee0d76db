"""Each fault as boto3 and rclone meet it, on each kind of store: what they say, and what is stored."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from harness.store.connection import Connection
from harness.store.effect import FlipBit, Lag, Page, Refuse, Reset, Slow, Stall, Truncate
from harness.store.fault import Fault
from tests.store.eventually import eventually
from tests.store.uploaders import Boto3, ByRclone

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from harness.store.store import Store
    from tests.store.rclone import Rclone
    from tests.store.uploaders import Uploader

KEY = "databases/db1/x"
BODY = bytes(range(256)) * 40


@dataclass(frozen=True)
class Upload:
    """One that meets ``fault``, with a pattern of what each client says, "" if it sees nothing wrong."""

    fault: Fault
    boto3: str
    rclone: str
    stored: bytes | None
    in_parts: bool = False


_GONE = "reset by peer|closed connection|Connection aborted|EOF"
UPLOADS = {
    "429": Upload(Fault(Refuse(429, retry_after=7), method="PUT"), "TooManyRequests", "TooManyRequests", None),
    "503": Upload(Fault(Refuse(503, retry_after=7), method="PUT"), "SlowDown", "SlowDown", None),
    "disk-full": Upload(Fault(Refuse(507), method="P*"), "XMinioStorageFull", "XMinioStorageFull", None),
    "expired": Upload(Fault(Refuse(400, code="ExpiredToken"), method="PUT"), "ExpiredToken", "ExpiredToken", None),
    "stored-then-500": Upload(Fault(Refuse(500), method="PUT", served=True), "InternalError", "InternalError", BODY),
    "stored-then-reset": Upload(Fault(Reset(), method="PUT", served=True), _GONE, _GONE, BODY),
    "reset": Upload(Fault(Reset(100), method="PUT"), _GONE, _GONE, None),
    "truncated": Upload(Fault(Truncate(9), method="PUT"), "", "corrupted on transfer", BODY[:9]),
    "bit-flipped": Upload(Fault(FlipBit(0), method="PUT"), "", "corrupted on transfer", b"\x01" + BODY[1:]),
    "cannot-be-completed": Upload(
        Fault(Refuse(500), operation="CompleteMultipartUpload"), "InternalError", "InternalError", None, in_parts=True
    ),
    "part-refused": Upload(
        Fault(Refuse(507), operation="UploadPart"), "XMinioStorageFull", "XMinioStorageFull", None, in_parts=True
    ),
}


@pytest.mark.parametrize("upload", UPLOADS.values(), ids=UPLOADS)
def test_an_upload(store: Store, uploader: Uploader, upload: Upload) -> None:
    store.meet(upload.fault)
    said = uploader.upload(KEY, BODY, in_parts=upload.in_parts)
    pattern = upload.boto3 if isinstance(uploader, Boto3) else upload.rclone
    assert re.search(pattern, said) if pattern else said == "", said
    assert type(upload.fault.effect).__name__ in {seen.fault for seen in store.requests()}
    stored = store.objects()
    if upload.stored is None:
        assert stored == []
    elif stored:  # rclone removes what it found to be corrupted
        assert store.fetch(KEY) == upload.stored
    else:
        assert "corrupted" in said
    store.heal()
    assert uploader.upload(KEY, BODY, in_parts=upload.in_parts) == ""
    assert store.fetch(KEY) == BODY


@pytest.mark.parametrize("fault", [Fault(Slow(20_000)), Fault(Slow(20_000), method="PUT"), Fault(Stall(0.5), nth=1)])
def test_an_upload_that_takes_its_time(store: Store, uploader: Uploader, fault: Fault) -> None:
    store.meet(fault)
    before = time.monotonic()
    assert uploader.upload(KEY, BODY) == ""
    assert time.monotonic() - before >= 0.5
    assert store.fetch(KEY) == BODY


def test_a_client_that_does_not_wait_for_a_slow_store(store: Store, rclone: Rclone) -> None:
    store.meet(Fault(Slow(100), method="PUT"))
    impatient = ByRclone(rclone, ("--timeout", "1s"))
    assert "timeout" in impatient.upload(KEY, BODY)
    assert store.objects() == []
    store.heal()
    eventually(lambda: any(seen.method == "PUT" for seen in store.requests()))


@dataclass(frozen=True)
class Download:
    """One that meets ``effect``, with a pattern of what each client says, or the bytes boto3 takes without a word."""

    effect: Refuse | Reset | Truncate | FlipBit
    boto3: str | bytes
    rclone: str


_CUT = "reset by peer|IncompleteRead|unexpected EOF"
_FLIPPED = b"\x01" + BODY[1:]
DOWNLOADS = {
    "503": Download(Refuse(503), "SlowDown", "SlowDown"),
    "denied": Download(Refuse(403), "AccessDenied", "AccessDenied"),
    "expired": Download(Refuse(400, code="ExpiredToken"), "ExpiredToken", "ExpiredToken"),
    "lost": Download(Refuse(404, code="NoSuchKey"), "NoSuchKey", "object not found"),
    "reset": Download(Reset(), _CUT, _CUT),
    "reset-later": Download(Reset(100), _CUT, _CUT),
    "truncated": Download(Truncate(9), BODY[:9], "corrupted on transfer: md5 hashes differ"),
    "bit-flipped": Download(FlipBit(), _FLIPPED, "corrupted on transfer: md5 hashes differ"),
}


@pytest.mark.parametrize("download", DOWNLOADS.values(), ids=DOWNLOADS)
def test_a_download(store: Store, uploader: Uploader, rclone: Rclone, download: Download) -> None:
    store.put(KEY, BODY)
    store.meet(Fault(download.effect, operation="GetObject"))
    came = uploader.download(KEY)
    expected = download.boto3 if isinstance(uploader, Boto3) else download.rclone
    if isinstance(expected, bytes):
        assert came == expected
    else:
        assert isinstance(came, str), "the client says nothing"
        assert re.search(expected, came), came
    assert list(rclone.directory.glob("download*")) == [], "rclone leaves nothing that is wrong"
    store.heal()
    assert uploader.download(KEY) == BODY


@pytest.mark.parametrize("kind", ["moto"])
@pytest.mark.parametrize(
    ("effect", "taken"), [(Truncate(9), BODY[:9]), (FlipBit(), _FLIPPED)], ids=["truncated", "bit-flipped"]
)
def test_a_download_that_rclone_cannot_check(
    store: Store, client: S3Client, rclone: Rclone, effect: Truncate | FlipBit, taken: bytes
) -> None:
    """Other clients store parts without an MD5 of the whole, and only a store by rclone makes one: it takes all."""
    assert Boto3(client).upload(KEY, BODY, in_parts=True) == ""
    store.meet(Fault(effect, operation="GetObject"))
    assert ByRclone(rclone).download(KEY) == taken


@pytest.mark.parametrize("effect", [Slow(15_000), Stall(0.5)])
def test_a_download_that_takes_its_time(store: Store, uploader: Uploader, effect: Slow | Stall) -> None:
    store.put(KEY, BODY)
    store.meet(Fault(effect, operation="GetObject", nth=1))
    before = time.monotonic()
    assert uploader.download(KEY) == BODY
    assert time.monotonic() - before >= 0.5


@pytest.mark.parametrize("effect", [Slow(0.1), Stall(30)])
def test_a_download_that_nobody_waits_for(
    store: Store, uploader: Uploader, effect: Slow | Stall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.store.client._READ", 1)
    impatient: Uploader = Boto3(store.client())
    if isinstance(uploader, ByRclone):
        impatient = replace(uploader, options=("--timeout", "1s"))
    store.put(KEY, BODY)
    store.meet(Fault(effect, operation="GetObject"))
    said = impatient.download(KEY)
    assert isinstance(said, str), "the client waited"
    assert re.search("timed out|timeout", said), said


@pytest.mark.parametrize("status", [429, 503])
def test_when_to_come_back(store: Store, client: S3Client, rclone: Rclone, status: int) -> None:
    store.meet(Fault(Refuse(status, retry_after=7)))
    with pytest.raises(ClientError) as caught:
        client.put_object(Bucket="bucket1", Key=KEY, Body=BODY)
    assert caught.value.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "7"
    assert "Retry-After: 7" in ByRclone(rclone, ("--dump", "headers")).upload(KEY, BODY)


def test_parts_that_nobody_can_remove(store: Store, client: S3Client, uploader: Uploader) -> None:
    """Neither completed nor aborted: the parts stay, and cost money."""
    store.meet(
        Fault(Refuse(503), operation="CompleteMultipartUpload"), Fault(Refuse(503), operation="AbortMultipartUpload")
    )
    assert "SlowDown" in uploader.upload(KEY, BODY, in_parts=True)
    store.heal()
    (left,) = client.list_multipart_uploads(Bucket="bucket1")["Uploads"]
    assert left["Key"] == KEY
    assert store.objects() == []
    client.abort_multipart_upload(Bucket="bucket1", Key=KEY, UploadId=left["UploadId"])


def test_credentials_that_expire(store: Store, uploader: Uploader) -> None:
    store.meet(Fault(Refuse(400, code="ExpiredToken"), operation="PutObject", from_nth=2))
    answers = [uploader.upload(f"{KEY}{number}", BODY) for number in range(3)]
    assert [bool(re.search("ExpiredToken", said)) for said in answers] == [False, True, True]
    assert [stored.key for stored in store.objects()] == [f"{KEY}0"]


@dataclass(frozen=True)
class Said:
    """Patterns of what each client says."""

    boto3: str
    rclone: str


CONNECTIONS = {
    Connection.REFUSED: Said("refused", r"dial tcp 127\.0\.0\.1:\d+: connect: connection refused"),
    Connection.BLACK_HOLE: Said("timed out", r"dial tcp 127\.0\.0\.1:\d+: i/o timeout"),
    Connection.PLAIN_HTTP: Said("WRONG_VERSION_NUMBER", "HTTP response to HTTPS client"),
    Connection.CERTIFICATE_EXPIRED: Said("certificate has expired", "certificate has expired"),
    Connection.CERTIFICATE_OF_ANOTHER_HOST: Said("doesn't match", "certificate is valid for not-let-say"),
    Connection.CERTIFICATE_BY_ANOTHER_CA: Said("CERTIFICATE_VERIFY_FAILED", "unknown authority"),
}


@pytest.mark.parametrize("connection", Connection, ids=lambda connection: connection.name)
def test_a_connection_that_fails(
    store: Store, uploader: Uploader, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No request gets through, so the journal stays empty, and then all is well again."""
    unanswered = connection is Connection.BLACK_HOLE
    monkeypatch.setattr("harness.store.client._CONNECT", 0.5 if unanswered else 10)
    impatient: Uploader = Boto3(store.client())
    if isinstance(uploader, ByRclone):
        # By its address rclone reaches the store without the proxy, which would answer in its stead; a certificate is
        # for the name.
        direct = connection in {Connection.REFUSED, Connection.BLACK_HOLE, Connection.PLAIN_HTTP}
        endpoint = f"https://127.0.0.1:{store.port}" if direct else store.url
        limit = "1s" if unanswered else "10s"
        impatient = replace(uploader, options=("--contimeout", limit, "--timeout", limit, "--s3-endpoint", endpoint))
    store.meet(connection)
    said = impatient.upload(KEY, BODY)
    expected = CONNECTIONS[connection]
    assert re.search(expected.boto3 if isinstance(uploader, Boto3) else expected.rclone, said), said
    assert store.journal_path.read_text() == ""
    store.heal()
    assert store.objects() == []
    assert uploader.upload(KEY, BODY) == ""
    assert store.fetch(KEY) == BODY


def test_a_name_that_does_not_resolve(store: Store, uploader: Uploader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both clients say that the host is unknown, and send nothing.

    The name is longer than DNS allows, so that no resolver asks another for it: the answer is the same without a
    network, and comes at once.
    """
    name = ".".join(["n" * 63] * 4)
    monkeypatch.setattr("harness.store.client._ADDRESS", name)
    lost: Uploader = Boto3(store.client())
    pattern = f"Failed to resolve '{name}'"
    if isinstance(uploader, ByRclone):
        unaided = replace(uploader.tool, proxy="")  # the proxy would resolve the name in rclone's stead
        lost = replace(uploader, tool=unaided, options=("--s3-endpoint", f"https://{name}:{store.port}"))
        pattern = f"lookup {name}.*: no such host"
    said = lost.upload(KEY, BODY)
    assert re.search(pattern, said), said
    assert store.journal_path.read_text() == ""
    assert uploader.upload(KEY, BODY) == ""


@pytest.mark.parametrize("in_parts", [False, True])
def test_a_listing_that_lags(store: Store, client: S3Client, uploader: Uploader, *, in_parts: bool) -> None:
    """The object is stored, and can be fetched, before a listing shows it."""
    assert uploader.upload(f"{KEY}&old", BODY) == ""
    store.meet(Fault(Lag(30), key="*new"))
    assert uploader.upload(f"{KEY}&new", BODY, in_parts=in_parts) == ""
    assert uploader.list() == {f"{KEY}&old"}
    assert client.list_objects_v2(Bucket="bucket1")["KeyCount"] == 1
    assert client.get_object(Bucket="bucket1", Key=f"{KEY}&new")["Body"].read() == BODY
    assert {stored.key for stored in store.objects()} == {f"{KEY}&old", f"{KEY}&new"}
    store.heal()
    assert uploader.list() == {f"{KEY}&old", f"{KEY}&new"}


@pytest.mark.parametrize("keys", [1, 2])
def test_a_listing_in_short_pages(store: Store, client: S3Client, rclone: Rclone, keys: int) -> None:
    """Whoever reads all of them misses nothing, in either version of the request, with directories or without."""
    names = {f"databases/db{number % 2}/a b+{number}" for number in range(5)}
    for name in names:
        store.put(name, BODY)
    store.meet(Fault(Page(keys), operation="ListObjects*"))
    for version in ("list_objects", "list_objects_v2"):
        first = getattr(client, version)(Bucket="bucket1")
        assert (len(first["Contents"]), first["IsTruncated"]) == (keys, True)
    paginators = (client.get_paginator("list_objects"), client.get_paginator("list_objects_v2"))
    for paginator in paginators:
        found = [entry["Key"] for page in paginator.paginate(Bucket="bucket1") for entry in page["Contents"]]
        assert found == sorted(names)
    for version in ("1", "2"):
        listed = rclone.run("lsf", "-R", f"--s3-list-version={version}", "archive-backblaze:bucket1").stdout
        assert {f"databases/{name}" for name in ("db0/", "db1/")} | names | {"databases/"} == set(listed.splitlines())
    assert len(store.objects()) == len(names)
    assert {seen.fault for seen in store.requests()} == {"Page"}


def test_a_listing_catches_up(store: Store, uploader: Uploader) -> None:
    store.meet(Fault(Lag(1), method="PUT"))
    before = time.monotonic()
    assert uploader.upload(KEY, BODY) == ""
    eventually(lambda: uploader.list() == {KEY})
    assert time.monotonic() - before >= 1


@pytest.mark.parametrize("minutes", [20, -20])
def test_a_clock_twenty_minutes_off(store: Store, uploader: Uploader, minutes: int) -> None:
    store.skew(60 * minutes)
    assert re.search("RequestTimeTooSkewed|Time may be set wrong", uploader.upload(KEY, BODY))
    assert {seen.error for seen in store.requests()} == {"RequestTimeTooSkewed"}
    assert store.objects() == []
    store.skew(0)
    assert uploader.upload(KEY, BODY) == ""
