"""Object lock is asked back from the store: one that accepts and ignores it makes the run red."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from harness.store.rclone_config import render
from tests.modules.conftest import DIRECTORY, Site, decrypted, finished
from tests.modules.test_spool import let_wait, waiting

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def locking(site: Site) -> Site:
    """The first store alone, with a bucket that locks, where the kind has such."""
    site.configuration |= {"objectLock": {"mode": "GOVERNANCE", "days": 2}, "timeout": 8}
    use(site, "locked")
    return site


def use(site: Site, bucket: str) -> S3Client:
    """Archive to a bucket that locks; what is in it outlives a test."""
    client: S3Client = site.pair.clients["backblaze"]
    if bucket not in [each["Name"] for each in client.list_buckets()["Buckets"]]:
        client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    site.configuration["remote"] = f"archive-backblaze:{bucket}"
    return client


@pytest.mark.parametrize("kind", ["moto"])
def test_a_store_that_locks(locking: Site) -> None:
    result = locking.backup()
    assert result.green, result
    client = locking.pair.clients["backblaze"]
    found = client.list_objects_v2(Bucket="locked")["Contents"]
    assert len(found) == 2
    for entry in found:
        head = client.head_object(Bucket="locked", Key=entry["Key"])
        assert head["ObjectLockMode"] == "GOVERNANCE"
        assert head["ObjectLockRetainUntilDate"] > datetime.now(UTC) + timedelta(days=2, hours=-1)
    archive = client.get_object(Bucket="locked", Key=found[0]["Key"])["Body"].read()
    assert decrypted(archive).startswith(b"\x1f\x8b")


@pytest.mark.parametrize("kind", ["rclone"])
def test_a_store_that_accepts_and_ignores(locking: Site) -> None:
    assert locking.backup().status == 6


@pytest.mark.parametrize("kind", ["moto"])
def test_a_bucket_that_does_not_lock(locking: Site) -> None:
    locking.configuration["remote"] = "archive-backblaze:bucket1"
    result = locking.backup()
    assert result.status == 6, result
    assert "target archive-backblaze: object lock: the store does not lock db1_" in result.stderr


@pytest.mark.parametrize("kind", ["moto"])
def test_what_waited_is_not_verified_without_its_lock(locking: Site) -> None:
    """The store has it, whole and with its manifest, since a run whose lock failed."""
    client = use(locking, "late")
    (locking.directory / "spool").mkdir(mode=0o700)
    locking.configuration["spool"] = {"directory": str(locking.directory / "spool"), "files": 2, "bytes": 10_000}
    archive, manifest = let_wait(locking, 1, "archive-backblaze")
    for key in (archive, manifest):
        client.put_object(Bucket="late", Key=key.removeprefix("databases/"), Body=finished(1)[key])
    result = locking.backup()
    assert result.green, result
    assert "the store does not lock db1_20260101T000000Z" in result.stderr
    assert waiting(locking) == [archive.removeprefix(DIRECTORY)]
    until = datetime(2026, 1, 3, tzinfo=UTC)  # two days after it was taken
    for key in (archive, manifest):
        client.put_object_retention(
            Bucket="late",
            Key=key.removeprefix("databases/"),
            Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until},
        )
    assert locking.backup().green
    assert waiting(locking) == []


@pytest.mark.parametrize("kind", ["moto"])
def test_what_a_killed_run_left_is_not_finished_without_its_lock(locking: Site) -> None:
    client = use(locking, "left")
    (left, content), *_ = finished(1).items()
    key = left.removeprefix("databases/")
    client.put_object(Bucket="left", Key=key, Body=content)
    result = locking.backup()
    assert result.green, result
    name = left.removeprefix(DIRECTORY)
    assert f"{name} has no manifest and stays unfinished: the store does not lock {name} for 2 days" in result.stdout
    keys = {entry["Key"] for entry in client.list_objects_v2(Bucket="left")["Contents"]}
    assert f"{key}.manifest" not in keys
    client.put_object_retention(
        Bucket="left", Key=key, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": datetime(2026, 1, 3, tzinfo=UTC)}
    )
    result = locking.backup()
    assert f"{name}, which an earlier run left unfinished, is whole" in result.stdout, result


@pytest.mark.parametrize("kind", ["moto"])
def test_a_disk_has_no_object_lock(locking: Site) -> None:
    (locking.directory / "rclone.conf").write_text(render([], {"usb": "/srv/usb"}))
    locking.configuration["remote"] = "archive-target-database"
    result = locking.backup()
    assert result.status == 3, result
    assert "only S3 has objectLock" in result.stderr
