"""An incoming request: werkzeug's, with S3's meaning of its parts and its body spooled."""

from __future__ import annotations

import hashlib
import io
import tempfile
from functools import cached_property
from typing import IO, TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

from werkzeug.exceptions import ClientDisconnected
from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import get_input_stream

from harness.store.operation import operation_of
from harness.store.server.chunked import Chunk, ChunkedBody

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from harness.store.effect import Effect
    from harness.store.fault import Fault
    from harness.store.server.plan import Plan

    Layer = Callable[["S3Request"], Response]

CERTIFICATE = "gate.certificate"
"""In an environment, what is wrong with the certificate that the connection was shown."""
_IN_MEMORY = 1 << 20  # bytes of a body kept in memory; larger ones go to an unnamed file
_BLOCK = 1 << 14  # bytes


class _Arriving(io.RawIOBase):
    """What has arrived of a body: a buffered reader waits for more, and loses its data if the connection breaks."""

    def __init__(self, buffered: io.BufferedReader) -> None:
        self._buffered = buffered

    def readable(self) -> bool:
        return True

    def readinto(self, into: bytearray) -> int:  # type: ignore[override]
        return self._buffered.readinto1(into)


class S3Request(Request):
    """A request in path style: ``/bucket/key``."""

    plan: Plan | None = None
    """The fault plan that was in force when it came, None for the harness's own requests."""

    fault: Fault | None = None
    """The fault that applies to it."""

    done = False
    """Whether the store has done what was asked, and a fault is about to disturb its answer."""

    stored: IO[bytes] | None = None
    """What the store keeps, if a fault makes it differ from what was received."""

    received = False
    """Whether the body, or the wanted part of it, was read."""

    complete = False
    """Whether the whole body was received."""

    @property
    def certificate(self) -> str:
        """What is wrong with the certificate that its connection was shown, "" if nothing."""
        return str(self.environ.get(CERTIFICATE, ""))

    @cached_property
    def raw_path(self) -> str:
        """The path as sent, percent-encoded: what the client signed."""
        uri: str = self.environ.get("RAW_URI") or self.path
        path = urlsplit(uri).path if "://" in uri.split("?", 1)[0] else uri.split("?", 1)[0]
        return path or "/"

    @property
    def effect(self) -> Effect | None:
        """What the fault does to it."""
        return self.fault.effect if self.fault else None

    @cached_property
    def operation(self) -> str:
        """Which of S3's operations it is for, "" if none."""
        return operation_of(self.method, self.bucket, self.key, [*self.args, *(name for name, _ in self.headers)])

    @property
    def bucket(self) -> str:
        """The bucket's name, "" for the store itself."""
        return unquote(self.raw_path[1:].partition("/")[0])

    @property
    def key(self) -> str:
        """The object's key, "" for a bucket's or the store's own requests."""
        return unquote(self.raw_path[1:].partition("/")[2])

    @property
    def copied(self) -> tuple[str, str]:
        """Bucket and key of what it asks to copy, "" and "" if nothing."""
        source = unquote(self.headers.get("x-amz-copy-source", "").partition("?")[0])
        bucket, _, key = source.lstrip("/").partition("/")
        return bucket, key

    @property
    def key_id(self) -> str:
        """The access key id it claims, "" if none."""
        authorization = self.headers.get("Authorization", "")
        if authorization.startswith("AWS "):  # signature version 2
            return authorization[4:].partition(":")[0]
        credential = authorization.partition("Credential=")[2] or self.args.get("X-Amz-Credential", "")
        return credential.partition("/")[0]

    @property
    def payload(self) -> str:
        """How to check the body, or its SHA-256: the header x-amz-content-sha256."""
        return self.headers.get("x-amz-content-sha256", "")

    @property
    def streaming(self) -> bool:
        """Whether the body is aws-chunked."""
        return self.payload.startswith("STREAMING-")

    @cached_property
    def spool(self) -> IO[bytes]:
        """The file with the body's decoded bytes received so far."""
        return cast("IO[bytes]", tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))

    @cached_property
    def chunks(self) -> list[Chunk]:
        """The chunks of an aws-chunked body."""
        return []

    @cached_property
    def trailers(self) -> dict[str, str]:
        """The headers after an aws-chunked body, names in lower case."""
        return {}

    def receive(self, limit: int | None = None, pace: Callable[[int], object] | None = None) -> IO[bytes]:
        """Read the body, or its first ``limit`` bytes; return the file with its decoded bytes. Safe to call again.

        ``pace`` is called with the size of each block before the next one is read, and may take its time.

        Raises:
            S3Error: the body is not encoded as its headers say.
            ConnectionAbortedError: the client disconnected before the end.
        """
        if not self.received:
            self.received = True
            try:
                self._spool(limit, pace)
            except (OSError, ClientDisconnected) as error:
                message = f"the client disconnected in mid-body: {error}"
                raise ConnectionAbortedError(message) from error
        return self.spool

    @property
    def size(self) -> int:
        """Bytes of the decoded body received so far."""
        return self.spool.seek(0, io.SEEK_END)

    def digest(self, algorithm: str) -> bytes:
        """Digest of the decoded body received so far, by hashlib's name of the algorithm."""
        self.spool.seek(0)
        return hashlib.file_digest(self.spool, algorithm).digest()  # type: ignore[arg-type]

    def _spool(self, limit: int | None, pace: Callable[[int], object] | None) -> None:
        sent = self.environ["wsgi.input"]
        if isinstance(sent, io.BufferedReader):  # else it is chunked, and werkzeug reads it chunk by chunk
            sent = _Arriving(sent)
        body_as_sent = get_input_stream({**self.environ, "wsgi.input": sent})
        stream = io.BufferedReader(cast("io.RawIOBase", body_as_sent))
        if not self.streaming:
            self._write(iter(lambda: stream.read1(_BLOCK), b""), limit, pace)
            return
        body = ChunkedBody(stream)
        self._write(body, limit, pace)
        self.chunks.extend(body.chunks)
        self.trailers.update(body.trailers)

    def _write(
        self, blocks: Iterable[bytes] | Iterator[bytes], limit: int | None, pace: Callable[[int], object] | None
    ) -> None:
        for block in blocks:
            room = len(block) if limit is None else limit - self.spool.tell()
            try:
                self.spool.write(block[:room])
            except OSError as error:  # of this host, not of the connection
                raise RuntimeError(f"the store cannot keep what it receives: {error}") from error
            if room < len(block):
                return
            if pace:
                pace(len(block))
        self.complete = True
