"""What is specific to a kind of store; common behaviour is tested elsewhere."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import botocore.auth
import botocore.compat
import psutil
import pytest
from botocore.exceptions import ClientError
from moto.s3.responses import S3Response
from werkzeug.test import create_environ

from harness.store.credentials import Credentials
from harness.store.errors import NoSuchObject, StoreDied
from harness.store.server.kinds.moto import Moto
from harness.store.server.wire import S3Request
from harness.store.store import Store
from tests.store.eventually import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

    from harness.store.fork_server import ForkServer
    from harness.store.tls import Authority
    from tests.store.by_hand import ByHand
    from tests.store.conftest import Pair
    from tests.store.rclone import Rclone


@pytest.fixture
def served_by_rclone(authority: Authority, fork_server: ForkServer) -> Iterator[Store]:
    with Store(
        name="served",
        hostname="served.example",
        bucket="bucket",
        credentials=Credentials.draw(),
        authority=authority,
        fork_server=fork_server,
        kind="rclone",
    ) as store:
        yield store


def _child(store: Store) -> psutil.Process:
    """The rclone process that the store's own process started."""
    (child,) = psutil.Process(store._running._process.pid).children()
    return child


def test_a_store_whose_rclone_died_is_dead(served_by_rclone: Store) -> None:
    served_by_rclone.put("x", b"x")
    child = _child(served_by_rclone)
    child.kill()
    eventually(lambda: child.status() == psutil.STATUS_ZOMBIE)
    with pytest.raises(StoreDied, match=r"rclone serve s3 did not answer: .*exit status so far: -9"):
        served_by_rclone.objects()


def test_rclone_keeps_objects_as_files_that_nobody_else_reads(served_by_rclone: Store) -> None:
    served_by_rclone.put("databases/db1/x", b"an archive")
    path: Path = served_by_rclone.directory / "objects/bucket/databases/db1/x"
    assert path.read_bytes() == b"an archive"
    assert served_by_rclone.directory.stat().st_mode & 0o077 == 0


def test_rclone_refuses_an_object_where_it_has_a_directory(served_by_rclone: Store) -> None:
    client = served_by_rclone.client()
    client.put_object(Bucket="bucket", Key="db1/x", Body=b"x")
    for key in ("db1", "n" * 300):  # the second is no name of a file
        with pytest.raises(ClientError, match="NotImplemented"):
            client.put_object(Bucket="bucket", Key=key, Body=b"x")
    assert [stored.key for stored in served_by_rclone.objects()] == ["db1/x"]


def test_many_objects_are_listed_in_pages(pair: Pair, client: S3Client) -> None:
    keys = [f"databases/db{number % 3}/{number:02}" for number in range(30)]
    for key in keys:
        client.put_object(Bucket="bucket1", Key=key, Body=b"x")
    pages = client.get_paginator("list_objects_v2").paginate(
        Bucket="bucket1", Prefix="databases/", PaginationConfig={"PageSize": 7}
    )
    found = [len(page["Contents"]) for page in pages]
    assert found == [7, 7, 7, 7, 2]
    assert [stored.key for stored in pair.a.objects()] == sorted(keys)


def test_moto_serves_one_request_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lists what another thread deletes, and fails."""
    under_way: list[int] = []
    most: list[int] = []

    def dispatch(*_: object) -> tuple[int, dict[str, str], str]:
        under_way.append(1)
        most.append(len(under_way))
        time.sleep(0.02)
        under_way.pop()
        return 200, {}, ""

    moto = Moto("one-at-a-time", tmp_path)
    monkeypatch.setattr(S3Response, "bucket_dispatch", dispatch)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: moto(S3Request(create_environ("/one-at-a-time"))), range(4)))
    assert most == [1, 1, 1, 1]


def test_an_object_is_as_old_as_its_upload(pair: Pair, rclone: Rclone, tmp_path: Path) -> None:
    """As in S3, where the file's mtime is metadata, which rclone reads back as a client."""
    file = tmp_path / "file"
    file.write_bytes(b"x")
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    os.utime(file, times=(long_ago.timestamp(), long_ago.timestamp()))
    begun = datetime.now(UTC)
    assert rclone.run("copyto", str(file), "archive-backblaze:bucket1/x").returncode == 0
    (stored,) = pair.a.objects()
    assert abs(stored.last_modified - begun) < timedelta(minutes=1)
    assert "2020-01-01 00:00:00" in rclone.run("lsl", "archive-backblaze:bucket1").stdout


def test_an_upload_in_parts_that_was_left_open_is_listed_and_no_object(pair: Pair, client: S3Client) -> None:
    upload = client.create_multipart_upload(Bucket="bucket1", Key="db1/big")["UploadId"]
    client.upload_part(Bucket="bucket1", Key="db1/big", UploadId=upload, PartNumber=1, Body=b"half")
    assert pair.a.objects() == []
    (found,) = client.list_multipart_uploads(Bucket="bucket1")["Uploads"]
    assert (found["Key"], found["UploadId"]) == ("db1/big", upload)
    client.abort_multipart_upload(Bucket="bucket1", Key="db1/big", UploadId=upload)
    assert "Uploads" not in client.list_multipart_uploads(Bucket="bucket1")
    assert pair.a.objects() == []


def test_a_store_without_uploads_in_parts_lists_none(served_by_rclone: Store) -> None:
    """As S3 does; rclone answers 404 until there has been one."""
    assert "Uploads" not in served_by_rclone.client().list_multipart_uploads(Bucket="bucket")


def test_every_answer_tells_the_stores_time_alone(store: Store, by_hand: ByHand) -> None:
    """Clients may set their clocks by it."""
    store.skew(600)
    connection = by_hand.connect()
    connection.request("GET", "/bucket1", headers=by_hand.sign("GET", "/bucket1"))
    (told,) = connection.getresponse().headers.get_all("Date", [])
    connection.close()
    assert abs(parsedate_to_datetime(told) - datetime.now(UTC) - timedelta(seconds=600)) < timedelta(seconds=60)


def test_client_and_store_may_be_in_another_hour_together(
    store: Store, client: S3Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = botocore.compat.get_current_datetime
    store.skew(3600)
    with monkeypatch.context() as patch:  # the harness's own clock stays
        patch.setattr(botocore.auth, "get_current_datetime", lambda: now() + timedelta(hours=1))
        client.put_object(Bucket="bucket1", Key="x", Body=b"x")
    assert store.fetch("x") == b"x"


def test_an_object_that_is_not_there(store: Store) -> None:
    with pytest.raises(NoSuchObject, match="NoSuchKey"):
        store.digest("absent")


def test_a_large_upload_to_no_bucket_is_refused_and_the_store_lives(store: Store, client: S3Client) -> None:
    """It may be refused before all of it has been read."""
    with pytest.raises(ClientError, match="NoSuchBucket"):
        client.put_object(Bucket="another", Key="x", Body=bytes(1 << 20))
    assert store.objects() == []
