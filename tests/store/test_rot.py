"""An upload that a store takes, answers for, and keeps as other bytes: only who reads it back can tell."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from harness.store.effect import FlipBit, Truncate
from harness.store.fault import Fault

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedMultipartUploadTypeDef

    from harness.store.store import Store
    from tests.store.rclone import Rclone
    from tests.store.uploaders import Uploader

KEY = "databases/db1/x y+z"
BODY = bytes(range(256)) * 40
FLIPPED = BODY[:1000] + b"\xe9" + BODY[1001:]  # 0xe8 was sent
ROTS = [
    pytest.param(FlipBit(8000), FLIPPED, id="a bit flipped"),
    pytest.param(Truncate(1000), BODY[:1000], id="cut short"),
]


def _put(client: S3Client, key: str = KEY, body: bytes = BODY) -> None:
    client.put_object(Bucket="bucket1", Key=key, Body=body)


def _get(client: S3Client, key: str = KEY, **options: str) -> bytes:
    return client.get_object(Bucket="bucket1", Key=key, **options)["Body"].read()  # type: ignore[arg-type]


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize(("effect", "kept"), ROTS)
def test_all_but_reading_says_what_was_sent(
    store: Store, client: S3Client, uploader: Uploader, effect: FlipBit | Truncate, kept: bytes, *, in_parts: bool
) -> None:
    """Neither client notices; size and ETag, in HEAD and listing, are as of an upload that did not rot."""
    assert uploader.upload("healthy", BODY, in_parts=in_parts) == ""
    store.meet(Fault(effect, at_rest=True))
    assert uploader.upload(KEY, BODY, in_parts=in_parts) == ""
    assert type(effect).__name__ in {seen.fault for seen in store.requests()}

    heads = [client.head_object(Bucket="bucket1", Key=key) for key in (KEY, "healthy")]
    listed = client.list_objects_v2(Bucket="bucket1")["Contents"]
    (tag,) = {each["ETag"].strip('"') for each in (*heads, *listed)}  # rclone lists them without quotes
    assert in_parts or tag == hashlib.md5(BODY).hexdigest()
    assert [head["ContentLength"] for head in heads] == [len(BODY)] * 2
    assert [found.size for found in store.objects()] == [len(BODY)] * 2

    for _ in range(2):
        assert _get(client) == kept
        assert uploader.read_sha256(KEY) == hashlib.sha256(kept).hexdigest()
        assert store.fetch(KEY) == kept
        store.heal()
    assert store.client(store.reader).get_object(Bucket="bucket1", Key=KEY)["Body"].read() == kept
    assert uploader.read_sha256("healthy") == hashlib.sha256(BODY).hexdigest()
    assert store.fetch("healthy") == BODY


def test_the_answer_says_what_was_sent(store: Store, client: S3Client) -> None:
    store.meet(Fault(FlipBit(8000), at_rest=True))
    answer = client.put_object(Bucket="bucket1", Key=KEY, Body=BODY)
    assert answer["ETag"] == f'"{hashlib.md5(BODY).hexdigest()}"'
    assert _get(client) == FLIPPED


def test_it_is_well_again_when_replaced(store: Store, client: S3Client, uploader: Uploader) -> None:
    store.meet(Fault(FlipBit(8000), at_rest=True, nth=1))
    assert uploader.upload(KEY, BODY) == ""
    assert store.fetch(KEY) == FLIPPED
    assert uploader.upload(KEY, BODY) == ""
    assert [store.fetch(KEY), _get(client)] == [BODY, BODY]


def test_an_upload_that_fails_replaces_nothing(store: Store, client: S3Client) -> None:
    store.meet(Fault(FlipBit(8000), at_rest=True, nth=1))
    _put(client)
    upload = client.create_multipart_upload(Bucket="bucket1", Key=KEY)["UploadId"]
    client.upload_part(Bucket="bucket1", Key=KEY, UploadId=upload, PartNumber=1, Body=BODY)
    wrong: CompletedMultipartUploadTypeDef = {"Parts": [{"PartNumber": 1, "ETag": f'"{"0" * 32}"'}]}
    with pytest.raises(ClientError, match="InvalidPart"):
        client.complete_multipart_upload(Bucket="bucket1", Key=KEY, UploadId=upload, MultipartUpload=wrong)
    assert store.fetch(KEY) == FLIPPED
    for left in client.list_multipart_uploads(Bucket="bucket1").get("Uploads", []):  # rclone has forgotten it
        client.abort_multipart_upload(Bucket="bucket1", Key=KEY, UploadId=left["UploadId"])


def test_it_is_well_again_when_deleted(store: Store, client: S3Client, uploader: Uploader) -> None:
    store.meet(Fault(FlipBit(8000), at_rest=True, nth=1))
    assert uploader.upload(KEY, BODY) == ""
    assert uploader.delete(KEY) == ""
    with pytest.raises(ClientError, match="NoSuchKey"):
        _get(client)
    assert uploader.upload(KEY, BODY) == ""
    assert [store.fetch(KEY), _get(client)] == [BODY, BODY]


@pytest.mark.parametrize(
    ("part", "kept"),
    [
        ("bytes=0-9", BODY[:10]),
        ("bytes=999-1001", FLIPPED[999:1002]),
        ("bytes=1001-", BODY[1001:]),
        ("bytes=-9300", FLIPPED[-9300:]),
    ],
)
def test_the_damage_is_where_it_is_whatever_part_is_read(
    store: Store, client: S3Client, part: str, kept: bytes
) -> None:
    store.meet(Fault(FlipBit(8000), at_rest=True))
    _put(client)
    answer = client.get_object(Bucket="bucket1", Key=KEY, Range=part)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert answer["ContentRange"].endswith(f"/{len(BODY)}")
    assert answer["Body"].read() == kept


def test_what_is_cut_off_cannot_be_read(store: Store, client: S3Client) -> None:
    store.meet(Fault(Truncate(1000), at_rest=True))
    _put(client)
    assert _get(client, Range="bytes=900-2000") == BODY[900:1000]
    with pytest.raises(ClientError, match="InvalidRange"):
        _get(client, Range="bytes=1000-2000")


def test_a_copy_rots_too(store: Store, client: S3Client, rclone: Rclone) -> None:
    """Else who uploads under another name first and then renames would be spared."""
    store.meet(Fault(FlipBit(8000), at_rest=True, nth=1))
    _put(client)
    client.copy_object(Bucket="bucket1", Key="copy", CopySource={"Bucket": "bucket1", "Key": KEY})
    assert [_get(client, "copy"), _get(client)] == [FLIPPED, FLIPPED]
    assert rclone.run("moveto", f"archive-backblaze:bucket1/{KEY}", "archive-backblaze:bucket1/moved").returncode == 0
    assert [found.key for found in store.objects()] == ["copy", "moved"]
    assert store.fetch("moved") == FLIPPED
    _put(client, "copy", b"another")
    client.copy_object(Bucket="bucket1", Key="moved", CopySource={"Bucket": "bucket1", "Key": "copy"})
    assert store.fetch("moved") == b"another"


@pytest.mark.parametrize("kind", ["moto"])
def test_parts_of_it_cannot_be_copied(store: Store, client: S3Client) -> None:
    """No store of ours knows where in the new object the damage would be."""
    store.meet(Fault(FlipBit(8000), at_rest=True))
    _put(client)
    upload = client.create_multipart_upload(Bucket="bucket1", Key="copy")["UploadId"]
    with pytest.raises(ClientError, match="NotImplemented"):
        client.upload_part_copy(
            Bucket="bucket1",
            Key="copy",
            UploadId=upload,
            PartNumber=1,
            CopySource={"Bucket": "bucket1", "Key": KEY},
        )
    client.abort_multipart_upload(Bucket="bucket1", Key="copy", UploadId=upload)


def test_only_what_makes_an_object_counts(store: Store, client: S3Client) -> None:
    """Neither parts nor reading: else a fault of each PUT would be met by a part, and nothing rot."""
    store.meet(Fault(FlipBit(8000), at_rest=True, nth=2))
    parts = TransferConfig(multipart_threshold=1, use_threads=False)
    for key in ("first", "second", "third"):
        client.upload_fileobj(io.BytesIO(BODY), "bucket1", key, Config=parts)
        _get(client, key)
    assert [store.fetch(key) for key in ("first", "second", "third")] == [BODY, FLIPPED, BODY]
    assert [(seen.method, seen.key) for seen in store.requests() if seen.fault] == [("POST", "second")]
