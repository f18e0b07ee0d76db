"""What a backup run left at one store, as far as the oracle needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class Request(Protocol):
    """A line of the store's journal, as :class:`harness.store.request.Request`."""

    @property
    def method(self) -> str:
        """The HTTP method."""

    @property
    def key(self) -> str:
        """The object's key."""

    @property
    def query(self) -> Mapping[str, str]:
        """The URL's parameters."""

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
    size: int


@dataclass(frozen=True)
class Delivery:
    """``keys`` are the objects, or a repository's dumps, new since the run began; ``fetch`` brings one into a file."""

    store: str
    keys: Sequence[str]
    fetch: Callable[[str, IO[bytes]], object]
    requests: Sequence[Request]
    missing: Sequence[str] = ()
    """The keys of what must lie beside the object, such as a manifest, and does not."""

    def sent(self, key: str) -> Sent | None:
        """Return what the store accepted under the key, from its journal; None if nothing."""
        puts = [request for request in self.requests if request.method == "PUT" and request.key == key and request.done]
        if not puts:
            return None
        parts = {request.query["partNumber"]: request for request in puts if "partNumber" in request.query}
        if parts:
            return Sent(None, sum(part.size for part in parts.values()))
        return Sent(puts[-1].sha256, puts[-1].size)
