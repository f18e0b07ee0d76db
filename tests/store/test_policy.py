"""What a writer's key may not do, as boto3 and rclone meet it, on each kind of store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from harness.store.denied import Denied
from harness.store.effect import Refuse
from harness.store.fault import Fault

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from harness.store.store import Store
    from tests.store.uploaders import Uploader

KEY = "databases/db1/x"


def test_may_not_delete(store: Store, client: S3Client, uploader: Uploader) -> None:
    store.meet(Denied.DELETE)
    assert uploader.upload(KEY, b"body") == ""
    assert "AccessDenied" in uploader.delete(KEY)
    with pytest.raises(ClientError, match="AccessDenied"):
        client.delete_objects(Bucket="bucket1", Delete={"Objects": [{"Key": KEY}]})
    assert uploader.list() == {KEY}
    assert uploader.upload(KEY, b"another") == ""
    assert store.fetch(KEY) == b"another"
    store.heal()
    assert uploader.delete(KEY) == ""
    assert store.objects() == []


def test_an_upload_in_parts_can_be_aborted_without_the_right_to_delete(store: Store, client: S3Client) -> None:
    store.meet(Denied.DELETE)
    upload = client.create_multipart_upload(Bucket="bucket1", Key=KEY)["UploadId"]
    client.abort_multipart_upload(Bucket="bucket1", Key=KEY, UploadId=upload)
    with pytest.raises(ClientError, match="NoSuchUpload"):
        client.list_parts(Bucket="bucket1", Key=KEY, UploadId=upload)


def test_may_not_list(store: Store, client: S3Client, uploader: Uploader) -> None:
    """What is there can be fetched by its name; of what is not there, the store does not say so."""
    store.put(KEY, b"body")
    store.meet(Denied.LIST)
    assert "AccessDenied" in uploader.list()
    for listing in (client.list_objects, client.list_object_versions, client.list_multipart_uploads):
        with pytest.raises(ClientError, match="AccessDenied"):
            listing(Bucket="bucket1")
    assert client.get_object(Bucket="bucket1", Key=KEY)["Body"].read() == b"body"
    with pytest.raises(ClientError, match="AccessDenied"):
        client.get_object(Bucket="bucket1", Key="absent")
    with pytest.raises(ClientError, match="403"):
        client.head_object(Bucket="bucket1", Key="absent")
    assert uploader.upload(KEY, b"another") == ""
    assert store.fetch(KEY) == b"another"
    store.heal()
    assert uploader.list() == {KEY}


def test_may_not_create_buckets(store: Store, uploader: Uploader) -> None:
    another = f"of-{type(uploader).__name__.lower()}"
    store.meet(Denied.CREATE_BUCKET)
    assert "AccessDenied" in uploader.create_bucket(another)
    assert uploader.upload(KEY, b"body") == ""
    assert store.fetch(KEY) == b"body"
    store.heal()
    assert uploader.create_bucket(another) == ""


@pytest.mark.parametrize("in_parts", [False, True])
def test_may_not_overwrite(store: Store, uploader: Uploader, *, in_parts: bool) -> None:
    store.meet(Denied.OVERWRITE)
    assert uploader.upload(KEY, b"body", in_parts=in_parts) == ""
    assert "AccessDenied" in uploader.upload(KEY, b"another", in_parts=in_parts)
    assert store.fetch(KEY) == b"body"
    assert uploader.upload(f"{KEY}2", b"another", in_parts=in_parts) == ""
    store.put(KEY, b"by the harness")
    store.heal()
    assert uploader.upload(KEY, b"another", in_parts=in_parts) == ""
    assert store.fetch(KEY) == b"another"


def test_several_rights(store: Store, uploader: Uploader) -> None:
    store.meet(*Denied)
    assert "AccessDenied" in uploader.list()
    assert "AccessDenied" in uploader.create_bucket("never-there")
    assert "; ".join(map(str, store.plans[-1][1])).startswith("a key that may not delete; a key that may not list")


def test_the_reader_can_only_read(store: Store, client: S3Client) -> None:
    store.put(KEY, b"body")
    reader = store.client(store.reader)
    assert reader.get_object(Bucket="bucket1", Key=KEY)["Body"].read() == b"body"
    assert [found["Key"] for found in reader.list_objects_v2(Bucket="bucket1")["Contents"]] == [KEY]
    for write in (
        lambda: reader.put_object(Bucket="bucket1", Key=KEY, Body=b"another"),
        lambda: reader.delete_object(Bucket="bucket1", Key=KEY),
        lambda: reader.create_multipart_upload(Bucket="bucket1", Key=KEY),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            write()
    assert store.fetch(KEY) == b"body"
    assert client.list_objects_v2(Bucket="bucket1")["KeyCount"] == 1


def test_no_fault_and_no_clock_meets_the_reader_and_nobody_counts_its_requests(store: Store) -> None:
    store.put(KEY, b"body")
    store.meet(Fault(Refuse(403)))
    store.skew(86400)
    assert store.client(store.reader).get_object(Bucket="bucket1", Key=KEY)["Body"].read() == b"body"
    assert store.requests() == []
    assert store.journal_path.read_text()
