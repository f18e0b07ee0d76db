"""Each fault as a client sees it, and which requests it applies to."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from itertools import product
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError
from botocore.exceptions import ConnectionError as BotoConnectionError

from harness.store.connection import Connection
from harness.store.effect import FlipBit, Refuse, Reset, Slow, Stall, Truncate
from harness.store.errors import NotMet, StoreError
from harness.store.fault import Fault, FaultError
from tests.store.eventually import eventually

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from harness.store.store import Store
    from tests.store.by_hand import ByHand


def _put(client: S3Client, key: str, body: bytes = b"body") -> str:
    """Upload; "ok" or the error's code."""
    try:
        client.put_object(Bucket="bucket1", Key=key, Body=body)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "ok"


@pytest.mark.parametrize(("status", "code"), [(403, "AccessDenied"), (500, "InternalError"), (503, "SlowDown")])
def test_refuse(store: Store, client: S3Client, status: int, code: str) -> None:
    store.meet(Fault(Refuse(status)))
    assert _put(client, "x") == code
    assert store.objects() == []
    (seen,) = store.requests()
    assert (seen.status, seen.error, seen.fault, seen.size) == (status, code, "Refuse", 4)
    store.heal()
    assert _put(client, "x") == "ok"
    (sick, plan), (healthy, none) = store.plans[-2:]
    assert (plan, none) == ((Fault(Refuse(status)),), ())
    assert sick <= seen.start <= healthy


def test_only_the_method_and_key_that_match(store: Store, client: S3Client) -> None:
    store.meet(Fault(Refuse(403), method="PUT", key="db1/*"))
    assert [_put(client, "db1/x"), _put(client, "db10/x"), _put(client, "db2/x")] == ["AccessDenied", "ok", "ok"]
    assert "Contents" not in client.list_objects_v2(Bucket="bucket1", Prefix="db1/")


def test_only_the_nth(store: Store, client: S3Client) -> None:
    store.meet(Fault(Refuse(503), key="a*", nth=2))
    answers = [_put(client, key) for key in ("a1", "b", "a2", "a3")]
    assert answers == ["ok", "ok", "SlowDown", "ok"]


def test_from_the_nth_on(store: Store, client: S3Client) -> None:
    store.meet(Fault(Refuse(503), key="a*", from_nth=2))
    assert [_put(client, key) for key in ("a1", "b", "a2", "a3")] == ["ok", "ok", "SlowDown", "SlowDown"]


def test_only_the_operation(store: Store, client: S3Client) -> None:
    store.meet(Fault(Refuse(503), operation="ListObjects*"))
    assert _put(client, "x") == "ok"
    client.head_bucket(Bucket="bucket1")
    client.get_bucket_location(Bucket="bucket1")
    for list_objects in (client.list_objects, client.list_objects_v2):
        with pytest.raises(ClientError, match="SlowDown"):
            list_objects(Bucket="bucket1")


def test_the_first_fault_that_applies(store: Store, client: S3Client) -> None:
    store.meet(Fault(Refuse(503), nth=1), Fault(Refuse(403), nth=2), Fault(Refuse(500)))
    assert [_put(client, "x") for _ in range(3)] == ["SlowDown", "AccessDenied", "InternalError"]


def test_only_between_two_times(store: Store, client: S3Client) -> None:
    fault = Fault(Refuse(503), since=10, until=20)
    put = {"method": "PUT", "key": "x", "operation": "PutObject"}
    assert [fault.matches(**put, elapsed=at) for at in (9.9, 10, 19.9, 20)] == [False, True, True, False]
    store.meet(Fault(Refuse(403), since=3600), Fault(Refuse(503), until=3600))
    assert _put(client, "x") == "SlowDown"


def test_the_harness_meets_no_fault(store: Store, client: S3Client) -> None:
    _put(client, "x")
    store.meet(Fault(Refuse(503)))
    assert store.fetch("x") == b"body"
    assert store.digest("x") == hashlib.sha256(b"body").hexdigest()


def test_stall_delays(store: Store, client: S3Client) -> None:
    store.meet(Fault(Stall(0.5), nth=1))
    before = time.monotonic()
    assert _put(client, "x") == "ok"
    assert time.monotonic() - before >= 0.5
    assert store.fetch("x") == b"body"


def test_a_download_that_takes_its_time(store: Store, client: S3Client) -> None:
    _put(client, "x", bytes(5000))
    store.meet(Fault(Slow(10_000), method="[GH]E*"))
    assert client.head_object(Bucket="bucket1", Key="x")["ContentLength"] == 5000
    before = time.monotonic()
    assert client.get_object(Bucket="bucket1", Key="x")["Body"].read() == bytes(5000)
    assert time.monotonic() - before >= 0.4


@pytest.mark.parametrize("effect", [Slow(10), Stall(30)])
def test_healing_ends_what_takes_its_time(store: Store, client: S3Client, effect: Slow | Stall) -> None:
    store.meet(Fault(effect, method="PUT"))
    with ThreadPoolExecutor(1) as pool:
        before = time.monotonic()
        upload = pool.submit(_put, client, "x", bytes(1000))
        time.sleep(0.3)
        assert not upload.done()
        store.heal()
        assert upload.result(timeout=20) == "ok"
    assert time.monotonic() - before < 10


@pytest.mark.parametrize("effect", [Refuse(500), Stall(0.3), Slow(1000), Reset()])
def test_after_the_server_has_done_its_work(
    store: Store, by_hand: ByHand, effect: Refuse | Stall | Slow | Reset
) -> None:
    """A request that the server itself refuses is refused as ever: there was no work."""
    store.meet(Fault(effect, served=True))
    refused = by_hand.send("PUT", by_hand.target(), b"data", {"Host": f"{store.hostname}:{store.port}"})
    assert (refused.status, refused.code) == (403, "AccessDenied")
    assert store.objects() == []
    with ThreadPoolExecutor(1) as pool:
        put = pool.submit(by_hand.put, b"data")
        if isinstance(effect, Reset):
            assert isinstance(put.exception(timeout=30), OSError | HTTPException)
        else:
            assert put.result(timeout=30).status == (500 if isinstance(effect, Refuse) else 200)
    assert store.fetch("by-hand") == b"data"
    assert [seen.done for seen in store.requests()] == [False, True], "the journal says what was done"


def test_a_stalled_upload_is_not_stored_once_its_client_is_gone(store: Store, by_hand: ByHand) -> None:
    """Else it would be at any time later, in the middle of the next run."""
    store.meet(Fault(Stall(30), method="PUT"))
    connection = by_hand.connect()
    connection.request("PUT", by_hand.target(), b"data", by_hand.sign("PUT", by_hand.target(), b"data"))
    store.wait_until_met(timeout=20)
    connection.close()
    store.heal()
    eventually(lambda: bool(store.requests()))
    (seen,) = store.requests()
    assert seen.status is None
    assert store.objects() == []


def test_nobody_meets_a_fault(store: Store) -> None:
    store.meet(Fault(Stall(30), method="PUT"))
    with pytest.raises(NotMet, match=r"no request to .* met Stall"):
        store.wait_until_met(timeout=0.2)


def test_it_is_stored_before_its_answer_is_delayed(store: Store, client: S3Client) -> None:
    store.meet(Fault(Stall(30), method="PUT", served=True))
    with ThreadPoolExecutor(1) as pool:
        upload = pool.submit(_put, client, "x")
        eventually(lambda: bool(store.objects()), within=20)  # less than the delay
        assert not upload.done()
        store.heal()
        assert upload.result(timeout=20) == "ok"


@pytest.mark.parametrize("after", [0, 70_000])
def test_reset_of_an_upload(store: Store, by_hand: ByHand, after: int) -> None:
    store.meet(Fault(Reset(after), method="PUT"))
    assert by_hand.until_reset("PUT", by_hand.target(), b"x" * 100_000) == b""
    assert store.objects() == []
    (seen,) = store.requests()
    assert (seen.status, seen.size, seen.fault) == (None, after, "Reset")


def test_reset_of_a_download(store: Store, client: S3Client, by_hand: ByHand) -> None:
    _put(client, "by-hand", b"0123456789")
    store.meet(Fault(Reset(4), method="GET"))
    head, _, body = by_hand.until_reset("GET", by_hand.target()).partition(b"\r\n\r\n")
    assert b"Content-Length: 10" in head
    assert body == b"0123"


def test_reset_of_a_head(store: Store, client: S3Client) -> None:
    store.meet(Fault(Reset(), method="HEAD"))
    with pytest.raises(BotoConnectionError):
        client.head_bucket(Bucket="bucket1")


def test_truncated_in_the_store(store: Store, client: S3Client) -> None:
    store.meet(Fault(Truncate(3), method="PUT"))
    assert _put(client, "x", b"0123456789") == "ok"
    assert store.fetch("x") == b"012"
    assert store.requests()[0].size == 10


def test_damage_goes_unnoticed_by_a_store_that_checks_too(store: Store, by_hand: ByHand) -> None:
    """The client's Content-MD5 is right; the bytes are lost after the check."""
    digest = base64.b64encode(hashlib.md5(b"0123456789").digest()).decode()
    store.meet(Fault(Truncate(3), method="PUT"))
    assert by_hand.put(b"0123456789", {"Content-MD5": digest}).status == 200
    assert store.fetch("by-hand") == b"012"


def test_truncated_on_the_way_back(store: Store, client: S3Client) -> None:
    _put(client, "x", b"0123456789")
    store.meet(Fault(Truncate(3), method="GET"))
    assert client.get_object(Bucket="bucket1", Key="x")["Body"].read() == b"012"
    assert store.fetch("x") == b"0123456789"


@pytest.mark.parametrize(("bit", "damaged"), [(0, b"\x01\0"), (7, b"\x80\0"), (9, b"\0\x02"), (1000, b"\0\x01")])
def test_a_bit_flipped_in_the_store(store: Store, client: S3Client, bit: int, damaged: bytes) -> None:
    store.meet(Fault(FlipBit(bit), method="PUT"))
    assert _put(client, "x", b"\0\0") == "ok"
    assert store.fetch("x") == damaged


def test_a_bit_flipped_on_the_way_back(store: Store, client: S3Client) -> None:
    _put(client, "x", b"\0\0")
    store.meet(Fault(FlipBit(8), method="GET"))
    assert client.get_object(Bucket="bucket1", Key="x")["Body"].read() == b"\0\x01"


def test_stopped(store: Store, client: S3Client) -> None:
    _put(client, "x")
    port = store.port
    store.stop()
    with pytest.raises(BotoConnectionError, match="refused"):
        client.head_bucket(Bucket="bucket1")
    with pytest.raises(StoreError, match="because of the fault connection refused"):
        store.objects()
    store.stop()
    store.restart()
    assert store.port == port
    assert store.fetch("x") == b"body"
    assert _put(client, "y") == "ok"


def test_stopped_again_and_again(store: Store, client: S3Client) -> None:
    """The socket being closed once held the port for a moment."""
    for _ in range(15):
        _put(client, "x")
        store.stop()
        store.restart()


def test_who_waits_in_the_black_hole_is_served_when_it_ends(store: Store) -> None:
    store.meet(Connection.BLACK_HOLE)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(socket.create_connection, ("127.0.0.1", store.port), timeout=15)
        time.sleep(0.3)
        assert not waiting.done()
        store.heal()
        waiting.result(timeout=15).close()


def test_who_came_first_into_the_black_hole_delays_nobody(store: Store) -> None:
    """Clients try all the time, and one may take the place that the store means to take itself."""
    over = threading.Event()

    def try_always() -> None:
        while not over.is_set():
            with socket.socket() as client:
                client.settimeout(0.05)
                client.connect_ex(("127.0.0.1", store.port))

    with ThreadPoolExecutor(2) as pool:
        for _ in range(2):
            pool.submit(try_always)
        try:
            for _ in range(5):
                store.meet(Connection.BLACK_HOLE)
                store.heal()
        finally:
            over.set()


def test_plain_http_serves_who_speaks_it(store: Store, by_hand: ByHand) -> None:
    """So the journal can show who would; not who still has a connection of before."""
    before = by_hand.connect()
    store.meet(Connection.PLAIN_HTTP)
    connection = HTTPConnection("127.0.0.1", store.port, timeout=10)
    connection.request("PUT", by_hand.target(), b"data", by_hand.sign("PUT", by_hand.target(), b"data"))
    assert connection.getresponse().status == 200
    connection.close()
    before.request("HEAD", by_hand.target(), headers=by_hand.sign("HEAD", by_hand.target()))
    assert before.getresponse().status == 200
    before.close()
    plain, secure = store.requests()
    assert (plain.status, plain.size, plain.tls) == (200, 4, False)
    assert secure.tls
    with pytest.raises(StoreError, match="because of the fault plain HTTP on the HTTPS port"):
        store.objects()


@pytest.mark.parametrize(
    "connection",
    [
        Connection.CERTIFICATE_EXPIRED,
        Connection.CERTIFICATE_OF_ANOTHER_HOST,
        Connection.CERTIFICATE_BY_ANOTHER_CA,
    ],
)
def test_who_trusts_a_bad_certificate_is_served(store: Store, by_hand: ByHand, connection: Connection) -> None:
    """So the journal can show who does; not who was shown the good one, before or after."""
    before = by_hand.connect()
    store.meet(connection)
    _head(by_hand, by_hand.connect(trusting=True))
    _head(by_hand, before)
    still = by_hand.connect(trusting=True)
    store.heal()
    _head(by_hand, still)
    _head(by_hand, by_hand.connect(trusting=True))
    assert [seen.certificate for seen in store.requests()] == [connection, "", connection, ""]


def _head(by_hand: ByHand, connection: HTTPConnection) -> None:
    connection.request("HEAD", by_hand.target(), headers=by_hand.sign("HEAD", by_hand.target()))
    response = connection.getresponse()
    assert response.status == 404
    connection.close()


def test_a_store_meets_faults_of_both_kinds(store: Store, client: S3Client) -> None:
    store.meet(Connection.CERTIFICATE_EXPIRED, Fault(Refuse(503)))
    with pytest.raises(BotoConnectionError, match="certificate has expired"):
        client.head_bucket(Bucket="bucket1")
    store.meet(Fault(Refuse(503)))
    assert _put(client, "x") == "SlowDown"
    with pytest.raises(FaultError, match=r"no connection meets both plain HTTP .* and connection refused"):
        store.meet(Connection.PLAIN_HTTP, Connection.REFUSED)
    assert _put(client, "x") == "SlowDown"


def test_from_each_connection_to_each_other(store: Store, client: S3Client) -> None:
    for first, second in product(Connection, repeat=2):
        store.meet(first)
        store.meet(second)
        store.heal()
        client.head_bucket(Bucket="bucket1")
