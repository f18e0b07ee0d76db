"""What the journal records of each request."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma
import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError

from harness.store.forbidden import Forbidden
from tests.store.conftest import CANARY, PASSPHRASE
from tests.store.eventually import eventually

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from harness.store.store import Store
    from tests.store.by_hand import ByHand


def test_a_request_in_full(store: Store, client: S3Client) -> None:
    before = datetime.now(UTC)
    client.put_object(Bucket="bucket1", Key="databases/db1/ä", Body=b"ciphertext")
    (seen,) = store.requests()
    assert before <= seen.start <= seen.end <= datetime.now(UTC)
    assert seen.start.utcoffset() == timedelta(0)
    assert (seen.method, seen.path, seen.query) == ("PUT", "/bucket1/databases/db1/ä", {})
    assert seen.tls
    assert (seen.bucket, seen.key, seen.key_id) == ("bucket1", "databases/db1/ä", store.credentials.key_id)
    assert (seen.size, seen.sha256) == (10, hashlib.sha256(b"ciphertext").hexdigest())
    assert (seen.plaintext, seen.forbidden, seen.fault) == ("", {}, "")
    assert (seen.status, seen.error, seen.answer_size) == (200, "", 0)


def test_answers(store: Store, client: S3Client) -> None:
    client.put_object(Bucket="bucket1", Key="x", Body=b"1234")
    client.get_object(Bucket="bucket1", Key="x")
    client.head_object(Bucket="bucket1", Key="x")
    with pytest.raises(ClientError):
        client.get_object(Bucket="bucket1", Key="absent")
    put, get, head, absent = store.requests()
    assert (get.answer_size, get.status) == (4, 200)
    assert (head.answer_size, head.status) == (0, 200)
    assert (absent.status, absent.error) == (404, "NoSuchKey")
    assert put.status == 200


def test_query(store: Store, client: S3Client) -> None:
    client.list_objects_v2(Bucket="bucket1", Prefix="a&b=c", Delimiter="/")
    (seen,) = store.requests()
    assert seen.query == {"list-type": "2", "prefix": "a&b=c", "delimiter": "/", "encoding-type": "url"}
    assert (seen.bucket, seen.key) == ("bucket1", "")


def test_what_is_no_upload_of_an_objects_content(store: Store, client: S3Client, kind: str) -> None:
    client.put_object(Bucket="bucket1", Key="ä tmp", Body=b"1")
    client.copy_object(Bucket="bucket1", Key="x", CopySource={"Bucket": "bucket1", "Key": "ä tmp"})
    if kind == "moto":  # rclone keeps neither
        client.put_object_tagging(Bucket="bucket1", Key="x", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
        client.put_object_acl(Bucket="bucket1", Key="x", ACL="private")
    store.put("y", b"1")
    seen = [(seen.operation, seen.copied) for seen in store.requests()]
    assert seen[:2] == [("PutObject", ""), ("CopyObject", "ä tmp")]
    assert seen[2:] == ([("PutObjectTagging", ""), ("PutObjectAcl", "")] if kind == "moto" else [])


def test_a_copy_from_elsewhere(store: Store, by_hand: ByHand) -> None:
    by_hand.put(b"", {"x-amz-copy-source": "/bucket2/x"})
    (seen,) = store.requests()
    assert (seen.operation, seen.copied, seen.status) == ("CopyObject", "", 404)


def test_the_harness_itself_is_left_out(store: Store, client: S3Client) -> None:
    client.put_object(Bucket="bucket1", Key="x", Body=b"1")
    store.objects()
    store.fetch("x")
    assert [r.method for r in store.requests()] == ["PUT"]
    journal = store.journal_path.read_text().splitlines()
    assert [json.loads(line)["method"] for line in journal] == ["PUT", "GET", "GET"]


@pytest.mark.parametrize(
    ("body", "format_"),
    [
        pytest.param(gzip.compress(b"a dump"), "gzip", id="gzip"),
        pytest.param(lzma.compress(b"a dump"), "xz", id="xz"),
        pytest.param(bz2.compress(b"a dump"), "bzip2", id="bzip2"),
        pytest.param(b"\x28\xb5\x2f\xfd\x04\x58", "zstd", id="zstd"),
        pytest.param(b"--\n-- PostgreSQL database dump\n--\n", "SQL", id="SQL"),
        pytest.param(b"PGDMP\x01", "pg_dump's custom format", id="custom"),
        pytest.param(b"toc.dat\0", "pg_dump's tar format", id="tar"),
        pytest.param(b"not" + gzip.compress(b"at the start"), "", id="later"),
        pytest.param(b"", "", id="empty"),
    ],
)
def test_plaintext(store: Store, client: S3Client, body: bytes, format_: str) -> None:
    client.put_object(Bucket="bucket1", Key="x", Body=body)
    (seen,) = store.requests()
    assert seen.plaintext == format_


@pytest.mark.parametrize("offset", [0, 1, (1 << 20) - 3, (1 << 20) - 1, 1 << 20, 3 << 20])
def test_forbidden_in_the_body_across_blocks(store: Store, client: S3Client, offset: int) -> None:
    client.put_object(Bucket="bucket1", Key="x", Body=b"." * offset + CANARY.encode() + b"..")
    assert store.requests()[0].forbidden == {"canary row": ("body",)}
    assert CANARY not in store.journal_path.read_text()


def test_forbidden_in_url_and_headers_is_named_and_not_repeated(store: Store, client: S3Client) -> None:
    client.put_object(Bucket="bucket1", Key=f"db1/{PASSPHRASE}.enc", Metadata={"note": quote(PASSPHRASE)})
    client.list_objects_v2(Bucket="bucket1", Prefix=PASSPHRASE)
    put, listing = store.requests()
    assert put.forbidden == {"passphrase": ("url", "headers")}
    assert (put.key, put.path) == ("db1/[passphrase].enc", "/bucket1/db1/[passphrase].enc")
    assert listing.forbidden == {"passphrase": ("url",)}
    assert listing.query["prefix"] == "[passphrase]"
    assert PASSPHRASE not in store.journal_path.read_text()


def test_forbidden_in_a_request_that_is_refused(store: Store, by_hand: ByHand) -> None:
    body = PASSPHRASE.encode()
    by_hand.send("PUT", by_hand.target(), body, {"Host": f"{store.hostname}:{store.port}"})
    (seen,) = store.requests()
    assert (seen.error, seen.forbidden, seen.key_id) == ("AccessDenied", {"passphrase": ("body",)}, "")


def test_forbidden_across_the_chunks_of_a_body(store: Store, by_hand: ByHand) -> None:
    half = PASSPHRASE.encode()[:5], PASSPHRASE.encode()[5:]
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*half, b""))
    by_hand.put(
        body, {"x-amz-decoded-content-length": str(len(PASSPHRASE))}, payload="STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    )
    assert store.requests()[0].forbidden == {"passphrase": ("body",)}


def test_an_upload_that_breaks_off(store: Store, by_hand: ByHand) -> None:
    connection = by_hand.connect()
    connection.putrequest("PUT", by_hand.target("broken"))
    connection.putheader("Content-Length", "1000")
    connection.endheaders(PASSPHRASE.encode())
    connection.close()
    eventually(lambda: len(store.requests()) == 1)
    (seen,) = store.requests()
    assert (seen.status, seen.size) == (None, len(PASSPHRASE))
    assert seen.forbidden == {"passphrase": ("body",)}


def test_the_journal_is_private(store: Store) -> None:
    assert stat.S_IMODE(store.journal_path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.directory.stat().st_mode) == 0o700


def test_an_empty_forbidden_string_is_refused() -> None:
    with pytest.raises(ValueError, match="'empty'"):
        Forbidden({"empty": ""})


def test_redaction_takes_the_longest_first() -> None:
    assert Forbidden({"short": "ab", "long": "abc"}).redact("xabcxab") == "x[long]x[short]"
