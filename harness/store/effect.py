"""What a request can meet at a store; :class:`~harness.store.fault.Fault` says which requests do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args


@dataclass(frozen=True)
class Refuse:
    """Answer with this HTTP status and an S3 error, and do nothing.

    ``code`` is the S3 error's, by default the one usual for the status; ``retry_after`` is the header's, in seconds.
    A disk full at the store is ``Refuse(507)`` for uploads; credentials that expired are
    ``Refuse(400, code="ExpiredToken")``.
    """

    status: int
    code: str = ""
    retry_after: int | None = None


@dataclass(frozen=True)
class Stall:
    """Delay the request by that many seconds, or until the plan changes, then serve it if its client still waits."""

    seconds: float


@dataclass(frozen=True)
class Slow:
    """Take the upload, and send the answer's body, at that rate, until the plan changes.

    What is sent ahead fills the buffers of both kernels: a client may have sent a small body long before it is taken.
    """

    bytes_per_second: float


@dataclass(frozen=True)
class Reset:
    """Reset the TCP connection after that many bytes of the body: the upload's, or if it has none the answer's."""

    after: int = 0


@dataclass(frozen=True)
class Truncate:
    """Store, or send, only the first bytes of the body; status and headers do not show it."""

    to: int


@dataclass(frozen=True)
class FlipBit:
    """Flip one bit of the body before storing or sending it, counted from the first byte's lowest.

    Beyond the end it is one of the last byte.
    """

    bit: int = 0


@dataclass(frozen=True)
class Lag:
    """Store the upload, and list the object only that many seconds later, or when the plan changes.

    It can be fetched at once. If it replaced an object, that one is not listed meanwhile either; a directory that it
    is the first object in is.
    """

    seconds: float


@dataclass(frozen=True)
class Page:
    """Answer a listing of objects with at most that many keys and directories, and say that there are more.

    S3 allows a store to return fewer than are asked for (Amazon S3 API Reference, "ListObjectsV2", "MaxKeys").
    """

    keys: int


Effect = Refuse | Stall | Slow | Reset | Truncate | FlipBit | Lag | Page
EFFECTS: dict[str, type[Effect]] = {kind.__name__: kind for kind in get_args(Effect)}
