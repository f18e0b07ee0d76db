"""The fault plan as data: what happens to which requests.

A scenario says ``wasabi.meet(Fault(Refuse(503), method="PUT", nth=1))``; :mod:`harness.store.server.play` plays it.
Faults never apply to requests made with the harness's key.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from typing import Any, get_args

from harness.errors import GateError

METHODS = ("DELETE", "GET", "HEAD", "POST", "PUT")


class FaultError(GateError):
    """There is no such fault; the sentence says what is wrong with it."""


@dataclass(frozen=True)
class Refuse:
    """Answer with this HTTP status and an S3 error, and do nothing."""

    status: int


@dataclass(frozen=True)
class Stall:
    """Delay the request by that many seconds, or until the plan changes, then serve it."""

    seconds: float


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
    """Flip one bit of the body (counted from the first byte's lowest) before storing or sending it."""

    bit: int = 0


Effect = Refuse | Stall | Reset | Truncate | FlipBit
_EFFECTS: dict[str, type[Effect]] = {kind.__name__: kind for kind in get_args(Effect)}


@dataclass(frozen=True)
class Fault:
    """An effect on the requests that match all the other fields.

    ``method`` and ``key`` are shell patterns; ``nth`` selects one request, counted from 1 among those that match
    otherwise; ``since`` and ``until`` are seconds after the plan was set. Bucket requests have the key "": rclone
    creates the bucket with a PUT before its first object, so ``nth`` usually needs a ``key`` too.
    """

    effect: Effect
    method: str = "*"
    key: str = "*"
    nth: int | None = None
    since: float = 0.0
    until: float = math.inf

    def __post_init__(self) -> None:
        """Raise FaultError for a fault that no request could meet: a scenario about it would prove nothing."""
        if not isinstance(self.effect, Effect):
            raise FaultError(f"{self.effect!r} is no effect of a fault; there are {', '.join(_EFFECTS)}")
        if not any(fnmatchcase(method, self.method) for method in METHODS):
            raise FaultError(f"{self}: no method of S3 is {self.method!r}; there are {', '.join(METHODS)}")
        if self.nth is not None and self.nth < 1:
            raise FaultError(f"{self}: requests are counted from 1")
        if not max(self.since, 0) < self.until:
            raise FaultError(f"{self}: it is over before it begins")
        if isinstance(self.effect, Refuse) and not 400 <= self.effect.status <= 599:
            raise FaultError(f"{self}: HTTP status {self.effect.status} refuses nothing; take one from 400 to 599")
        if min(asdict(self.effect).values()) < 0:
            raise FaultError(f"{self}: it has a negative number")

    def __str__(self) -> str:
        """Say it as ``Refuse(status=503) for method='PUT', nth=1``."""
        rest = [field for field in fields(self) if field.name != "effect"]
        chosen = [field.name for field in rest if getattr(self, field.name) != field.default]
        requests = ", ".join(f"{name}={getattr(self, name)!r}" for name in chosen)
        return f"{self.effect} for {requests or 'every request'}"

    def matches(self, method: str, key: str, elapsed: float) -> bool:
        """Whether ``nth`` counts a request at ``elapsed`` seconds."""
        return fnmatchcase(method, self.method) and fnmatchcase(key, self.key) and self.since <= elapsed < self.until

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {**asdict(self), "effect": {"kind": type(self.effect).__name__, **asdict(self.effect)}}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Fault:
        """Read back what :meth:`to_json` gave."""
        effect = dict(document["effect"])
        return cls(**{**document, "effect": _EFFECTS[effect.pop("kind")](**effect)})
