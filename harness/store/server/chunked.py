"""Decoding of ``Content-Encoding: aws-chunked`` bodies.

Format: Amazon S3 API Reference, "Signature calculations for the Authorization header: transferring payload in multiple
chunks", and the page after it for trailing headers.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.store.server.s3error import S3Error

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

_BLOCK = 1 << 14
_LINE = 4096  # bytes; chunk headers and trailers are far shorter
_HEADER = re.compile(rb"([0-9a-fA-F]{1,16})(?:;chunk-signature=([0-9a-f]{64}))?")


@dataclass(frozen=True)
class Chunk:
    """One chunk's signature (empty if none) and what it signs: the SHA-256, hex, of the chunk's bytes."""

    signature: str
    digest: str


class ChunkedBody:
    """The bytes of an aws-chunked body, as an iterable; its chunks and trailers are known once it is exhausted."""

    def __init__(self, stream: io.BufferedReader[io.RawIOBase]) -> None:
        self._stream = stream
        self.chunks: list[Chunk] = []
        self.trailers: dict[str, str] = {}

    def __iter__(self) -> Iterator[bytes]:
        """Yield the object's bytes.

        Raises:
            S3Error: the body is malformed.
        """
        while True:
            size, signature = self._header()
            digest = hashlib.sha256()
            for block in self._blocks(size):
                digest.update(block)
                yield block
            self.chunks.append(Chunk(signature, digest.hexdigest()))
            if size == 0:
                break
            if self._line() != b"":
                raise _malformed("a chunk is longer than its header says")
        while line := self._line():
            name, _, value = line.decode("latin-1").partition(":")
            self.trailers[name.strip().lower()] = value.strip()

    def _header(self) -> tuple[int, str]:
        match = _HEADER.fullmatch(self._line())
        if match is None:
            raise _malformed("invalid chunk header")
        return int(match[1], 16), (match[2] or b"").decode("ascii")

    def _blocks(self, size: int) -> Iterator[bytes]:
        while size:
            block = self._stream.read1(min(size, _BLOCK))
            if not block:
                raise _malformed("it ends inside a chunk")
            size -= len(block)
            yield block

    def _line(self) -> bytes:
        line = self._stream.readline(_LINE)
        if not line.endswith(b"\r\n"):
            # Some clients omit the empty line after the last chunk or trailer.
            if line == b"" and self.chunks:
                return b""
            raise _malformed("unterminated line")
        return line[:-2]


def _malformed(why: str) -> S3Error:
    return S3Error(400, "IncompleteBody", f"The aws-chunked body is malformed: {why}.")
