"""Two real stores, started once; each test finds them empty and in good health."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from harness.endpoint.credentials import Credentials
from harness.endpoint.endpoint import Endpoint
from harness.endpoint.fork_server import ForkServer
from harness.endpoint.rclone_config import render
from harness.endpoint.tls import Authority
from harness.workspace import Workspace
from tests.endpoint.by_hand import ByHand
from tests.endpoint.connect_proxy import connect_proxy
from tests.endpoint.rclone import Rclone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_s3 import S3Client

CANARY = "row 4711: Zoë, 5 Ångström Street"
PASSPHRASE = "correct horse/battery+staple"


@dataclass
class Pair:
    """The article's two stores."""

    a: Endpoint
    b: Endpoint


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


@pytest.fixture(scope="session")
def _running(authority: Authority, fork_server: ForkServer) -> Iterator[Pair]:
    def endpoint(name: str, bucket: str) -> Endpoint:
        return Endpoint(
            name=name,
            hostname=f"let-say-{name}.com",
            bucket=bucket,
            credentials=Credentials.draw(),
            authority=authority,
            fork_server=fork_server,
        )

    with endpoint("backblaze", "bucket1") as a, endpoint("wasabi", "bucket2") as b:
        yield Pair(a, b)


@pytest.fixture(scope="session")
def _clients(_running: Pair) -> dict[str, S3Client]:
    return {endpoint.name: endpoint.client() for endpoint in (_running.a, _running.b)}


@pytest.fixture
def pair(_running: Pair, _clients: dict[str, S3Client]) -> Iterator[Pair]:
    """Both stores, empty, in good health, with empty journals."""
    for endpoint in (_running.a, _running.b):
        for stored in endpoint.objects():
            _clients[endpoint.name].delete_object(Bucket=endpoint.bucket, Key=stored.key)
        endpoint.forbid({"canary row": CANARY, "passphrase": PASSPHRASE})
        os.truncate(endpoint.journal_path, 0)
    yield _running
    for endpoint in (_running.a, _running.b):
        endpoint.restart()
        endpoint.heal()
        endpoint.skew(0)


@pytest.fixture
def store(pair: Pair) -> Endpoint:
    """The first of the two stores."""
    return pair.a


@pytest.fixture
def client(store: Endpoint, _clients: dict[str, S3Client]) -> S3Client:
    """A client of ``store`` with the guest's key."""
    return _clients[store.name]


@pytest.fixture
def by_hand(store: Endpoint, authority: Authority) -> ByHand:
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
