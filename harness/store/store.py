"""The owner's handle on one store: start, stop, faults, its objects and its journal."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING

from harness.host.deadline import Deadline
from harness.store.configuration import JOURNAL, Configuration
from harness.store.connection import Connection, certificate
from harness.store.control import Control
from harness.store.credentials import Credentials
from harness.store.denied import Denied
from harness.store.errors import NoSuchObject, NotMet, StoreError
from harness.store.fault import Fault, FaultError
from harness.store.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

    from harness.store.fork_server import ForkServer
    from harness.store.tls import Authority

_POLLING = 0.1  # seconds
_BLOCK = 1 << 20  # bytes


@dataclass(frozen=True)
class StoredObject:
    """An object as the store lists it: size in bytes, last change in UTC."""

    key: str
    size: int
    last_modified: datetime


class Store:
    """One S3 store under ``https://hostname:port``, listening on 127.0.0.1 (a guest reaches it at 10.0.2.2).

    ``kind`` is a name in :data:`harness.kinds.STORES`. ``credentials`` are the guest's; the harness asks
    with a key of its own, which no fault meets. ``start`` returns at once and all that needs the store waits for it, so
    that several start in parallel. For one thread.
    """

    def __init__(
        self,
        *,
        name: str,
        hostname: str,
        bucket: str,
        credentials: Credentials,
        authority: Authority,
        fork_server: ForkServer,
        kind: str,
        forbidden: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.hostname = hostname
        self.bucket = bucket
        self.credentials = credentials
        self._authority = authority
        self._fork_server = fork_server
        self._kind = kind
        self._forbidden = dict(forbidden or {})
        self.reader = Credentials.draw()
        """A key that can only read; no fault meets it, and its requests are not in ``requests``."""
        self._own = Credentials.draw()
        self._connection: Connection | None = None
        self.plans: list[tuple[datetime, tuple[Fault | Connection | Denied, ...]]] = []
        """Every fault plan that was set, with the time at the host, UTC."""
        self._control: Control | None = None

    def __enter__(self) -> Store:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @cached_property
    def directory(self) -> Path:
        """Private directory in the workspace for the journal and the log."""
        return Path(tempfile.mkdtemp(prefix=f"store-{self.name}-", dir=self._fork_server.workspace.path))

    @property
    def journal_path(self) -> Path:
        """The journal: a line of JSON (see :class:`Request`) for each finished request, the harness's included."""
        return self.directory / JOURNAL

    @property
    def log_path(self) -> Path:
        """The process's output."""
        return self.directory / "log"

    @property
    def port(self) -> int:
        """The port, the same until ``close``."""
        return self._running.port

    @property
    def url(self) -> str:
        """Where clients that resolve the host name reach it."""
        return f"https://{self.hostname}:{self.port}"

    def start(self) -> None:
        """Start the process, with an empty bucket."""
        self._connection = None
        shown = certificate(self._authority, self.hostname)
        configuration = Configuration(
            kind=self._kind,
            bucket=self.bucket,
            secrets={key.key_id: key.secret for key in (self.credentials, self.reader, self._own)},
            exempt=self._own.key_id,
            reader=self.reader.key_id,
            chain=shown.chain,
            key=shown.key,
            forbidden=self._forbidden,
            directory=str(self.directory),
        )
        self._control = Control(self.name, configuration, self._fork_server, self.log_path)

    def stop(self) -> None:
        """Refuse connections, as if the provider were down, and meet no other fault; the objects are kept."""
        self.meet(Connection.REFUSED)

    def restart(self) -> None:
        """Accept connections again, on the same port."""
        self.heal()

    def close(self) -> None:
        """End the process; the objects are lost, the journal stays until the workspace goes. Safe to call again."""
        if self._control is not None:
            self._control.end()
            self._control = None

    def meet(self, *faults: Fault | Connection | Denied) -> None:
        """Replace the fault plan by ``faults``, the first that applies taking precedence; counting restarts.

        A :class:`Connection` among them is what clients, the harness's own too, meet before any request; each
        :class:`Denied` is a right that the guest's key lacks.

        Raises:
            FaultError: there are two of those.
        """
        connections = [fault for fault in faults if isinstance(fault, Connection)]
        if len(connections) > 1:
            raise FaultError(f"no connection meets both {' and '.join(connections)}")
        self._running.ask(
            "meet",
            faults=[fault.to_json() for fault in faults if isinstance(fault, Fault)],
            denied=[fault for fault in faults if isinstance(fault, Denied)],
        )
        self._receive(connections[0] if connections else None)
        self.plans.append((datetime.now(UTC), faults))

    def _receive(self, connection: Connection | None) -> None:
        if connection == self._connection:
            return
        shown = asdict(certificate(self._authority, self.hostname, connection)) if connection else {}
        self._running.ask("receive", connection=connection or "", **shown)
        self._connection = connection

    @property
    def reachable(self) -> bool:
        """Whether no connection fault keeps everybody, the harness too, from reaching it."""
        return self._connection is None

    def wait_until_met(self, timeout: float = 120.0) -> None:
        """Wait until a request has met a fault of the present plan, and with Stall hangs in it.

        Raises:
            NotMet: none has, within ``timeout`` seconds.
        """
        deadline = Deadline(timeout)
        while not self._running.ask("met"):
            if deadline.passed:
                raise NotMet(f"no request to {self.name} met {'; '.join(map(str, self.plans[-1][1]))} in {timeout:g} s")
            time.sleep(_POLLING)

    def heal(self) -> None:
        """End all faults."""
        self.meet()

    def skew(self, seconds: float) -> None:
        """Set the store's clock ``seconds`` ahead of the host's: it refuses requests dated 15 minutes off."""
        self._running.ask("skew", seconds=seconds)

    @cached_property
    def _client(self) -> S3Client:
        return self.client(self._own)

    def client(self, credentials: Credentials | None = None) -> S3Client:
        """Return a boto3 client that talks to the store from this host, by default with the guest's credentials."""
        from harness.store.client import connect  # noqa: PLC0415 - boto3 takes half a second to import

        return connect(self.url, credentials or self.credentials, self._authority.certificate)

    def objects(self, prefix: str = "") -> list[StoredObject]:
        """List the bucket's objects under ``prefix``, in order of their keys.

        Raises:
            StoreDied: the process is gone.
            StoreError: the store cannot be reached: it is stopped.
        """
        with self._reaching():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
            return [_stored(entry) for page in pages for entry in page.get("Contents", [])]

    def uploads(self) -> list[str]:
        """Return the keys of the multipart uploads that are neither completed nor aborted. Raises as ``objects``."""
        with self._reaching():
            pages = self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket)
            return sorted(upload["Key"] for page in pages for upload in page.get("Uploads", []))

    def fetch(self, key: str) -> bytes:
        """Return an object's bytes.

        Raises:
            NoSuchObject: there is no such object.
            StoreError: the store cannot be reached.
            StoreDied: the process is gone.
        """
        with self._reaching():
            return self._client.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def digest(self, key: str) -> str:
        """Return the SHA-256, hex, of an object that may be larger than memory. Raises what ``fetch`` raises."""
        digest = hashlib.sha256()
        with self._reaching():
            for block in self._client.get_object(Bucket=self.bucket, Key=key)["Body"].iter_chunks(_BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def download(self, key: str, file: IO[bytes]) -> None:
        """Write an object's bytes into a file, block by block. Raises what ``fetch`` raises."""
        with self._reaching():
            shutil.copyfileobj(self._client.get_object(Bucket=self.bucket, Key=key)["Body"], file)

    def put(self, key: str, content: bytes) -> None:
        """Store an object as the harness, without faults. Raises as ``objects``."""
        with self._reaching():
            self._client.put_object(Bucket=self.bucket, Key=key, Body=content)

    def requests(self) -> list[Request]:
        """Return the journal so far without the harness's own, in the order in which requests ended."""
        if not self.journal_path.exists():
            return []
        lines = self.journal_path.read_text(encoding="utf-8").split("\n")
        found = map(Request.from_json, lines[:-1])  # a last line without newline is still being written
        ours = {self._own.key_id, self.reader.key_id}
        return [request for request in found if request.key_id not in ours]

    @property
    def _running(self) -> Control:
        if self._control is None:
            raise StoreError(f"the store {self.name} is not running; start it first")
        return self._control

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        try:
            yield
        except (BotoCoreError, ClientError) as error:
            if self._running.ended():
                raise self._running.died() from error
            cause = f" because of the fault {self._connection}" if self._connection else ""
            absent = isinstance(error, ClientError) and error.response["Error"]["Code"] == "NoSuchKey"
            kind = NoSuchObject if absent else StoreError
            raise kind(f"the store {self.name} did not serve the harness{cause}: {error}") from error


def _stored(entry: ObjectTypeDef) -> StoredObject:
    return StoredObject(entry["Key"], entry["Size"], entry["LastModified"].astimezone(UTC))
