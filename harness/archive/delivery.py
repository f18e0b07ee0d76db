"""What a backup run left at one store, as far as the oracle needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_CONTENT = {"PutObject", "CopyObject", "CompleteMultipartUpload"}


class Request(Protocol):
    """A line of the store's journal, as :class:`harness.store.request.Request`."""

    @property
    def key(self) -> str:
        """The object's key."""

    @property
    def query(self) -> Mapping[str, str]:
        """The URL's parameters."""

    @property
    def operation(self) -> str:
        """S3's name of what was asked."""

    @property
    def copied(self) -> str:
        """The key, in the same bucket, that it asks to copy."""

    @property
    def size(self) -> int:
        """Bytes of the decoded body."""

    @property
    def sha256(self) -> str:
        """Digest of the decoded body, hex."""

    @property
    def done(self) -> bool:
        """Whether the store did what was asked, whatever it then answered."""


@dataclass(frozen=True)
class Sent:
    """An object as it went over the wire."""

    digest: str | None
    """None for a multipart upload: the journal has a digest of each part only."""
    size: int | None
    """None for a copy within the store of what the journal does not show."""


@dataclass(frozen=True)
class Delivery:
    """``keys`` are the objects, or a repository's dumps, new since the run began.

    ``fetch`` brings one of them, or of the ``companions``, into a file.
    """

    store: str
    keys: Sequence[str]
    fetch: Callable[[str, IO[bytes]], object]
    requests: Sequence[Request]
    missing: Sequence[str] = ()
    """The keys of what must lie beside the object, such as a manifest, and does not."""
    companions: Sequence[str] = ()
    """The keys of what must lie beside the object, and does."""

    def sent(self, key: str) -> Sent | None:
        """Return what the store accepted as the object's content, from its journal; None if nothing.

        What was copied there, as from a temporary name, was sent under the other key.
        """
        return _sent(self.requests, key)


def _sent(requests: Sequence[Request], key: str) -> Sent | None:
    done = [(index, request) for index, request in enumerate(requests) if request.key == key and request.done]
    content = [(index, request) for index, request in done if request.operation in _CONTENT]  # not tags, not an ACL
    if not content:
        return None
    index, last = content[-1]
    if last.operation == "CopyObject":
        return _sent(requests[:index], last.copied) or Sent(None, None)
    if last.operation == "PutObject":
        return Sent(last.sha256, last.size)
    upload = last.query.get("uploadId")
    own = [each for _, each in done if each.query.get("uploadId") == upload]
    parts = {each.query["partNumber"]: each for each in own if "partNumber" in each.query}
    if any(part.operation == "UploadPartCopy" for part in parts.values()):
        return Sent(None, None)
    return Sent(None, sum(part.size for part in parts.values()))
