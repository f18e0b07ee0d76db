"""The article's upload: rclone copies to a union over both stores."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from harness.store.effect import Refuse, Stall
from harness.store.fault import Fault
from harness.store.rclone_config import UNION, render

if TYPE_CHECKING:
    from pathlib import Path

    from tests.store.conftest import Pair
    from tests.store.rclone import Rclone

KEY = "databases/db1/db1_20261122T101500Z.sql.gz.enc"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "local" / KEY.rpartition("/")[2]
    path.parent.mkdir()
    path.write_bytes(bytes(range(256)) * 4000)
    return path


def test_the_configuration_is_the_articles(pair: Pair, rclone: Rclone) -> None:
    rclone.configure(render([pair.a, pair.b], {"disk": "/srv/archive"}))
    assert json.loads(rclone.run("config", "dump").stdout) == {
        "archive-backblaze": {
            "type": "s3",
            "provider": "Other",
            "acl": "private",
            "no_check_bucket": "true",
            "endpoint": f"https://let-say-backblaze.com:{pair.a.port}",
            "access_key_id": pair.a.credentials.key_id,
            "secret_access_key": pair.a.credentials.secret,
        },
        "archive-wasabi": {
            "type": "s3",
            "provider": "Other",
            "acl": "private",
            "no_check_bucket": "true",
            "endpoint": f"https://let-say-wasabi.com:{pair.b.port}",
            "access_key_id": pair.b.credentials.key_id,
            "secret_access_key": pair.b.credentials.secret,
        },
        "archive-target-database-backblaze": {"type": "alias", "remote": "archive-backblaze:bucket1/databases"},
        "archive-target-database-wasabi": {"type": "alias", "remote": "archive-wasabi:bucket2/databases"},
        "archive-target-database-disk": {"type": "alias", "remote": "/srv/archive"},
        "archive-target-database": {
            "type": "union",
            "upstreams": " ".join(f"archive-target-database-{name}:" for name in ("backblaze", "wasabi", "disk")),
            "action_policy": "all",
            "create_policy": "all",
            "search_policy": "all",
        },
    }


def test_one_store_is_no_union(pair: Pair, rclone: Rclone, archive: Path) -> None:
    """Rclone refuses a union over a single upstream."""
    rclone.configure(render([pair.a]))
    result = rclone.run("copy", str(archive), f"{UNION}:/db1/")
    assert result.returncode == 0, result.stderr
    assert [stored.key for stored in pair.a.objects()] == [KEY]


def test_lands_at_both(pair: Pair, rclone: Rclone, archive: Path) -> None:
    result = rclone.run("copy", str(archive), f"{UNION}:/db1/")
    assert result.returncode == 0, result.stderr
    for store in (pair.a, pair.b):
        assert [stored.key for stored in store.objects()] == [KEY]
        assert store.fetch(KEY) == archive.read_bytes()
        (put,) = [r for r in store.requests() if r.method == "PUT" and r.key == KEY]
        assert put.sha256 == hashlib.sha256(archive.read_bytes()).hexdigest()
        assert (put.size, put.status) == (archive.stat().st_size, 200)


def test_a_large_archive_comes_in_parts(pair: Pair, rclone: Rclone, archive: Path) -> None:
    result = rclone.run("copy", "--s3-upload-cutoff", "0", str(archive), f"{UNION}:/db1/")
    assert result.returncode == 0, result.stderr
    for store in (pair.a, pair.b):
        assert store.fetch(KEY) == archive.read_bytes()
        assert any("partNumber" in r.query for r in store.requests())


@pytest.mark.parametrize(
    "fault",
    [
        Fault(Refuse(403), method="PUT", key="databases/*"),
        Fault(Refuse(403), method="PUT", key="databases/*", nth=1),
        Fault(Refuse(503), method="PUT", key="databases/*", nth=1),
    ],
    ids=["every-403", "one-403", "one-503"],
)
def test_the_union_says_nothing_of_a_failed_upload(pair: Pair, rclone: Rclone, archive: Path, fault: Fault) -> None:
    """Rclone issue 9647, the reason for this project: if this fails, the union has been fixed."""
    pair.b.meet(fault)
    result = rclone.run("copy", str(archive), f"{UNION}:/db1/")
    assert result.returncode == 0, result.stderr
    assert [stored.key for stored in pair.a.objects()] == [KEY]
    assert pair.b.objects() == []
    (refused,) = [r for r in pair.b.requests() if r.method == "PUT" and r.key]
    assert (refused.fault, refused.size) == ("Refuse", archive.stat().st_size)


def test_a_third_upstream_that_is_no_s3_store(pair: Pair, rclone: Rclone, archive: Path, tmp_path: Path) -> None:
    rclone.configure(render([pair.a, pair.b], {"usb-disk": str(tmp_path / "disk")}))
    result = rclone.run("copy", str(archive), f"{UNION}:/db1/")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "disk/db1" / archive.name).read_bytes() == archive.read_bytes()
    assert len(pair.a.objects()) == len(pair.b.objects()) == 1


def test_a_store_that_is_down(pair: Pair, rclone: Rclone, archive: Path) -> None:
    upload = ("copyto", "--retries", "1", "--low-level-retries", "1", str(archive), f"archive-wasabi:bucket2/{KEY}")
    pair.b.stop()
    assert rclone.run(*upload).returncode != 0
    pair.b.restart()
    assert rclone.run(*upload).returncode == 0
    assert pair.b.fetch(KEY) == archive.read_bytes()


def test_rclone_gives_up_on_a_store_that_stalls(pair: Pair, rclone: Rclone, archive: Path) -> None:
    pair.b.meet(Fault(Stall(60), method="PUT"))
    upload = ("copyto", "--retries", "1", "--low-level-retries", "1", str(archive), f"archive-wasabi:bucket2/{KEY}")
    assert rclone.run("--timeout", "1s", *upload).returncode != 0
    pair.b.heal()
    assert rclone.run(*upload).returncode == 0


def test_the_other_stores_key(pair: Pair, rclone: Rclone, archive: Path) -> None:
    text = render([pair.a, pair.b])
    rclone.configure(text.replace(pair.b.credentials.secret, pair.a.credentials.secret))
    result = rclone.run("copyto", "--retries", "1", str(archive), f"archive-wasabi:bucket2/{KEY}")
    assert result.returncode != 0
    assert {r.error for r in pair.b.requests()} == {"SignatureDoesNotMatch"}
