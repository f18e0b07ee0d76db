"""Parts of uploads that were cut off: no listing of files shows them, and they cost money until they are removed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from harness.store.effect import Refuse
from harness.store.fault import Fault

if TYPE_CHECKING:
    from harness.store.store import Store
    from tests.modules.conftest import Site

OURS = "databases/db1/db1_20260101T000000Z.sql.gz.enc"
OTHERS = {"databases/db10/db10_20260101T000000Z.sql.gz.enc", "databases/db1/of-another-tool"}


@pytest.fixture
def store(site: Site) -> Store:
    """One store with parts of three uploads, of which one is of a run of ours."""
    store = site.stores[0]
    client = store.client()
    for upload in client.list_multipart_uploads(Bucket=store.bucket).get("Uploads", []):
        client.abort_multipart_upload(Bucket=store.bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    for key in (OURS, *OTHERS):
        upload_id = client.create_multipart_upload(Bucket=store.bucket, Key=key)["UploadId"]
        client.upload_part(Bucket=store.bucket, Key=key, UploadId=upload_id, PartNumber=1, Body=b"x")
    assert set(store.uploads()) == {OURS, *OTHERS}
    time.sleep(1.1)  # younger ones are left alone: another program's may still go on
    return store


def test_the_next_run_removes_what_is_ours(site: Site, store: Store) -> None:
    result = site.backup()
    assert result.green, result
    assert set(store.uploads()) == OTHERS


def test_a_key_that_may_not_is_no_reason_to_fail(site: Site, store: Store) -> None:
    store.meet(Fault(Refuse(403), operation="*MultipartUpload*"))
    result = site.backup()
    assert result.green, result
    assert "Refuse" in {seen.fault for seen in store.requests()}
    store.heal()
    assert set(store.uploads()) == {OURS, *OTHERS}
