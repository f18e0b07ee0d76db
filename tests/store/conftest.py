"""Two real stores of each kind, started once; each test gets them empty and healthy."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest

from harness.host.workspace import Workspace
from harness.kinds import STORES
from harness.store.credentials import Credentials
from harness.store.fork_server import ForkServer
from harness.store.rclone_config import render
from harness.store.store import Store
from harness.store.tls import Authority
from tests.store.by_hand import ByHand
from tests.store.connect_proxy import connect_proxy
from tests.store.rclone import Rclone
from tests.store.uploaders import Boto3, ByRclone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

    from tests.store.uploaders import Uploader

CANARY = "row 4711: Zoë, 5 Ångström Street"
PASSPHRASE = "correct horse/battery+staple"


@dataclass
class Pair:
    """The article's two stores, and a client for each with the guest's key."""

    a: Store
    b: Store
    clients: dict[str, S3Client] = field(init=False)

    def __post_init__(self) -> None:
        self.clients = {store.name: store.client() for store in (self.a, self.b)}


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority.create()


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    parent = tmp_path_factory.mktemp("runs")
    parent.chmod(0o700)
    with Workspace(parent) as workspace:
        yield workspace


@pytest.fixture(scope="session")
def fork_server(workspace: Workspace) -> ForkServer:
    return ForkServer(workspace)


class Pairs:
    """A running pair of each requested kind."""

    def __init__(self, authority: Authority, fork_server: ForkServer, stack: ExitStack) -> None:
        self._authority = authority
        self._fork_server = fork_server
        self._stack = stack
        self._running: dict[str, Pair] = {}

    def running(self, kind: str) -> Pair:
        if kind not in self._running:
            self._running[kind] = Pair(
                self._start(kind, "backblaze", "bucket1"), self._start(kind, "wasabi", "bucket2")
            )
        return self._running[kind]

    def _start(self, kind: str, name: str, bucket: str) -> Store:
        store = Store(
            name=name,
            hostname=f"let-say-{name}.com",
            bucket=bucket,
            credentials=Credentials.draw(),
            authority=self._authority,
            fork_server=self._fork_server,
            forbidden={"canary row": CANARY, "passphrase": PASSPHRASE},
            kind=kind,
        )
        return self._stack.enter_context(store)


@pytest.fixture(scope="session")
def pairs(authority: Authority, fork_server: ForkServer) -> Iterator[Pairs]:
    with ExitStack() as stack:
        yield Pairs(authority, fork_server, stack)


@pytest.fixture(params=STORES)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of store: common behaviour is tested on all of them."""
    return cast("str", request.param)


@pytest.fixture
def pair(pairs: Pairs, kind: str) -> Iterator[Pair]:
    """Both stores, empty, healthy, with empty journals; without parts of uploads, which a run removes."""
    pair = pairs.running(kind)
    for store in (pair.a, pair.b):
        client = pair.clients[store.name]
        for stored in store.objects():
            client.delete_object(Bucket=store.bucket, Key=stored.key)
        for left in client.list_multipart_uploads(Bucket=store.bucket).get("Uploads", []):
            client.abort_multipart_upload(Bucket=store.bucket, Key=left["Key"], UploadId=left["UploadId"])
        os.truncate(store.journal_path, 0)
    yield pair
    for store in (pair.a, pair.b):
        store.heal()
        store.skew(0)


@pytest.fixture
def store(pair: Pair) -> Store:
    """The first of the two stores."""
    return pair.a


@pytest.fixture
def client(store: Store, pair: Pair) -> S3Client:
    """A client of ``store`` with the guest's key."""
    return pair.clients[store.name]


@pytest.fixture
def by_hand(store: Store, authority: Authority) -> ByHand:
    """Requests to ``store`` that no client would send."""
    return ByHand(store, authority)


@pytest.fixture(scope="session")
def proxy() -> Iterator[str]:
    with connect_proxy() as url:
        yield url


@pytest.fixture
def rclone(pair: Pair, tmp_path: Path, proxy: str, authority: Authority) -> Rclone:
    """Rclone with the union over both stores."""
    tool = Rclone(tmp_path, proxy, authority)
    tool.configure(render([pair.a, pair.b]))
    return tool


@pytest.fixture(params=["boto3", "rclone"])
def uploader(request: pytest.FixtureRequest, client: S3Client, rclone: Rclone) -> Uploader:
    """Each of the two clients, of the first store with the guest's key."""
    return Boto3(client) if request.param == "boto3" else ByRclone(rclone)
