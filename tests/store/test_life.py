"""How a store's process lives and ends."""

from __future__ import annotations

import os
import resource
import socket
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from botocore.exceptions import ConnectionError as BotoConnectionError

from harness.store import control
from harness.store.configuration import Configuration
from harness.store.credentials import Credentials
from harness.store.effect import Refuse
from harness.store.errors import StoreDied, StoreError, StoreTimeout
from harness.store.fault import Fault
from harness.store.fork_server import ForkServer
from harness.store.store import Store
from harness.store.tls import Authority
from tests.store.by_hand import ByHand
from tests.store.eventually import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_s3 import S3Client

    from harness.host.workspace import Workspace
    from tests.store.conftest import Pair


@pytest.fixture
def fresh(authority: Authority, fork_server: ForkServer, kind: str) -> Iterator[Store]:
    """The test's own store, not started."""
    store = Store(
        name="fresh",
        hostname="fresh.example",
        bucket="bucket",
        credentials=Credentials.draw(),
        authority=authority,
        fork_server=fork_server,
        kind=kind,
        forbidden={"passphrase": "a-passphrase-nobody-sees"},
    )
    yield store
    store.close()


def _process(store: Store) -> psutil.Process:
    """The process that serves ``store``; which of our descendants it is, only the store knows."""
    return psutil.Process(store._running._process.pid)


def test_nothing_secret_where_others_look(fresh: Store) -> None:
    fresh.start()
    assert fresh.port
    process = _process(fresh)
    processes = [process, *process.children(recursive=True)]
    places = [
        *(word for process in processes for word in (*process.cmdline(), *process.environ().values())),
        fresh.log_path.read_text(),
        fresh.journal_path.read_text(),
    ]
    for secret in (fresh.credentials.secret, "a-passphrase-nobody-sees", "PRIVATE KEY"):
        assert not any(secret in place for place in places)
        assert not any(secret.encode() in file.read_bytes() for file in fresh.directory.rglob("*") if file.is_file())


def test_close_ends_the_process_and_its_port(fresh: Store) -> None:
    fresh.start()
    port = fresh.port
    process = _process(fresh)
    processes = [process, *process.children()]
    fresh.close()
    fresh.close()
    eventually(lambda: not any(map(_lives, processes)))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
    with pytest.raises(StoreError, match="start it first"):
        fresh.objects()


def test_killed_from_outside(fresh: Store) -> None:
    fresh.start()
    fresh.objects()
    _process(fresh).kill()
    with pytest.raises(StoreDied, match=r"fresh died; the end of .*/log:\n.*was it killed"):
        fresh.objects()
    with pytest.raises(StoreDied):
        fresh.meet(Fault(Refuse(503)))
    assert fresh.journal_path.read_text()


def test_a_late_answer_is_not_the_next_commands(fresh: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh.start()
    fresh.meet(Fault(Refuse(503)))
    _process(fresh).suspend()
    monkeypatch.setattr(control, "_ANSWER_LIMIT", 0.2)
    with pytest.raises(StoreTimeout, match=r"did not answer within 0 s"):
        fresh.meet()
    monkeypatch.undo()
    _process(fresh).resume()
    assert fresh._running.ask("met") == 0


def test_a_store_that_cannot_write_its_journal_ends(fresh: Store) -> None:
    """A client would take its answer of 500 for a store's, and a backup would be to blame."""
    fresh.start()
    fresh.objects()
    resource.prlimit(
        _process(fresh).pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY)
    )  # as if the disk were full
    with pytest.raises(StoreDied):
        fresh.objects()


def test_a_store_that_cannot_keep_a_body_ends(fresh: Store) -> None:
    fresh.start()
    fresh.objects()
    size = fresh.journal_path.stat().st_size + 4096
    resource.prlimit(_process(fresh).pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    with pytest.raises(StoreDied, match="the store cannot keep what it receives"):
        fresh.put("x", bytes(4 << 20))


@pytest.mark.parametrize("kind", ["moto"])
def test_a_server_that_fails_ends_the_store(fresh: Store, authority: Authority) -> None:
    fresh.start()
    fresh.put("x", b"x")
    by_hand = ByHand(fresh, authority)
    target = by_hand.target("x")
    asked = by_hand.sign("GET", target, headers={"If-Modified-Since": "never"})
    with pytest.raises(OSError, match=r"without response|reset"):
        by_hand.send("GET", target, b"", asked)
    with pytest.raises(StoreDied, match="time data 'never' does not match"):
        fresh.objects()


@pytest.mark.parametrize(
    ("method", "query", "body", "code"),
    [
        ("PATCH", "", b"", "MethodNotAllowed"),
        ("POST", "", b"x", "MethodNotAllowed"),
        ("POST", "?uploadId=unknown", b"<CompleteMultipartUpload/>", "NoSuchUpload"),
        ("PUT", "?partNumber=1&uploadId=unknown", b"x", "NoSuchUpload"),
        ("PUT", "?tagging", b"no XML", "MalformedXML"),
    ],
)
@pytest.mark.parametrize("kind", ["moto"])
def test_what_a_client_does_wrong_does_not_end_it(
    store: Store, client: S3Client, by_hand: ByHand, method: str, query: str, body: bytes, code: str
) -> None:
    client.put_object(Bucket="bucket1", Key="x", Body=b"x")
    target = by_hand.target("x") + query
    assert by_hand.send(method, target, body, by_hand.sign(method, target, body)).code == code
    assert store.fetch("x") == b"x"


def test_a_start_that_fails_says_why(authority: Authority, fork_server: ForkServer) -> None:
    store = Store(
        name="odd",
        hostname="odd.example",
        bucket="ab",
        credentials=Credentials.draw(),
        authority=authority,
        fork_server=fork_server,
        kind="moto",
    )
    with store, pytest.raises(StoreDied, match="InvalidBucketName"):
        _ = store.port


OWNER = """
    import sys, time
    from pathlib import Path
    from harness.store.credentials import Credentials
    from harness.store.store import Store
    from harness.store.fork_server import ForkServer
    from harness.store.tls import Authority
    from harness.host.workspace import Workspace

    workspace = Workspace(Path(sys.argv[1]))
    store = Store(
        name="orphan", hostname="orphan.example", bucket="bucket",
        credentials=Credentials.draw(), authority=Authority.create(), fork_server=ForkServer(workspace),
        kind=sys.argv[2],
    )
    store.start()
    print(store.port, flush=True)
    time.sleep(60)
"""


def test_dies_with_its_owner(tmp_path: Path, kind: str) -> None:
    tmp_path.chmod(0o700)
    command = [sys.executable, "-c", textwrap.dedent(OWNER), str(tmp_path), kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as owner:
        assert owner.stdout
        assert int(owner.stdout.readline())
        processes = psutil.Process(owner.pid).children(recursive=True)
        assert len(processes) >= 2, "the fork server and the store, and what else a kind starts"
        owner.kill()
    eventually(lambda: not any(map(_lives, processes)))


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_ends_with_its_standard_input(fork_server: ForkServer, tmp_path: Path, authority: Authority, kind: str) -> None:
    """A store gets no signal when its owner dies: the closed pipe is enough."""
    certificate = authority.issue(["x.example"])
    configuration = Configuration(kind, "bucket", {}, "", "", certificate.chain, certificate.key, {}, str(tmp_path))
    process = fork_server.fork("store", tmp_path / "log")
    os.write(process.stdin, configuration.to_json().encode() + b"\n")
    assert b"port" in os.read(process.stdout, 100)
    assert process.running
    os.dup2(process.stdout, process.stdin)  # closes the pipe, and `end` still has a descriptor to close
    assert process.wait(30)
    process.end()
    process.end()


def test_a_fork_server_that_was_killed_is_replaced(workspace: Workspace, tmp_path: Path) -> None:
    before = set(psutil.Process().children())
    fork_server = ForkServer(workspace)
    first = fork_server.fork("first", tmp_path / "log")
    (killed,) = set(psutil.Process().children()) - before
    killed.kill()
    psutil.wait_procs([killed], timeout=10)
    second = fork_server.fork("second", tmp_path / "log")
    assert first.running, "a store is its own process"
    assert second.running
    for process in (first, second):
        process.end()


def test_a_fork_server_finds_what_we_found(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even a harness that is not installed, as in nix develop: here another one comes first on the path."""
    (tmp_path / "harness").mkdir()
    (tmp_path / "harness" / "__init__.py").write_text("raise SystemExit('found')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(StoreDied, match=r"(?s)its output:.*found"):
        ForkServer(workspace).fork("store", tmp_path / "log")


def test_a_fork_server_that_cannot_start_says_why(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(StoreDied, match=r"(?s)fork server of stores died; its output:.*/nowhere/python"):
        ForkServer(workspace).fork("store", tmp_path / "log")


def test_a_mute_client_holds_nobody_up(store: Store, client: S3Client) -> None:
    with socket.create_connection(("127.0.0.1", store.port)):
        before = time.monotonic()
        client.head_bucket(Bucket="bucket1")
        assert time.monotonic() - before < 10


def test_stores_share_nothing(pair: Pair, client: S3Client) -> None:
    client.put_object(Bucket="bucket1", Key="x", Body=b"x")
    assert pair.b.objects() == []
    assert pair.b.requests() == []


def test_a_command_that_fails_is_an_error(store: Store) -> None:
    with pytest.raises(StoreError, match="cannot receive: ValueError"):
        store._running.ask("receive", connection="by pigeon")
    store.heal()


def test_a_body_larger_than_memory_should_hold(fresh: Store) -> None:
    """Refused bodies never reach moto, so they are spooled and do not grow the process."""
    fresh.start()
    guest = fresh.client(Credentials("unknown", "unknown"))
    process = _process(fresh)

    def peak() -> int:
        status = Path(f"/proc/{process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) // 1024

    start = peak()
    with pytest.raises(Exception, match="InvalidAccessKeyId"):
        guest.put_object(Bucket="bucket", Key="x", Body=bytes(32 << 20))
    assert fresh.requests()[0].size == 32 << 20
    assert peak() - start < 16


def test_authority_is_kept(tmp_path: Path, workspace: Workspace, authority: Authority) -> None:
    vault = tmp_path / "vault"
    authority.save(vault)
    assert stat.S_IMODE(vault.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in vault.iterdir()} == {0o600}
    assert Authority.load(vault).certificate == authority.certificate


def test_who_trusted_the_authority_trusts_it_reloaded(tmp_path: Path, fresh: Store, authority: Authority) -> None:
    from harness.store.client import connect

    authority.save(tmp_path / "vault")
    fresh._authority = Authority.load(tmp_path / "vault")
    fresh.start()
    connect(fresh.url, fresh.credentials, authority.certificate).head_bucket(Bucket="bucket")
    stranger = connect(fresh.url, fresh.credentials, Authority.create().certificate)
    with pytest.raises(BotoConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        stranger.head_bucket(Bucket="bucket")
    misnamed = connect(f"https://other.example:{fresh.port}", fresh.credentials, authority.certificate)
    with pytest.raises(BotoConnectionError, match=r"doesn't match 'fresh\.example'"):
        misnamed.head_bucket(Bucket="bucket")
