"""The fault plan as data: which requests meet what.

A scenario says ``wasabi.meet(Fault(Refuse(503), method="PUT", nth=1))``; :mod:`harness.store.server.play` plays it.
Requests made with the harness's own key never meet a fault.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from typing import Any

from harness.errors import GateError

_METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")


class FaultError(GateError):
    """There is no such fault; the sentence says what there is."""


@dataclass(frozen=True)
class Refuse:
    """Answered with this HTTP status and an S3 error, and nothing done."""

    status: int

    def __post_init__(self) -> None:
        if not 400 <= self.status <= 599:
            raise FaultError(f"a request cannot be refused with status {self.status}; it takes one from 400 to 599")


@dataclass(frozen=True)
class Stall:
    """Kept waiting for that many seconds, or until the plan changes, and then served."""

    seconds: float


@dataclass(frozen=True)
class Reset:
    """TCP reset after that many bytes of the body: the upload's, or the answer's if the request has none."""

    after: int = 0


@dataclass(frozen=True)
class Truncate:
    """Only the first bytes of the body are stored, or sent, and nothing tells so: status and headers are as ever."""

    to: int


@dataclass(frozen=True)
class FlipBit:
    """One bit of the body (counted from the first byte's lowest) is stored, or sent, the other way round."""

    bit: int = 0


Effect = Refuse | Stall | Reset | Truncate | FlipBit
_EFFECTS = {kind.__name__: kind for kind in (Refuse, Stall, Reset, Truncate, FlipBit)}


@dataclass(frozen=True)
class Fault:
    """An effect on the requests that match all of the rest.

    ``method`` and ``key`` are shell patterns; ``nth`` is the one request, counted from 1 among those that match
    otherwise; ``since`` and ``until`` are seconds after the plan was set. A bucket's own requests have the key "":
    rclone asks for the bucket with a PUT before its first object, so ``nth`` mostly wants a ``key`` beside it.
    """

    effect: Effect
    method: str = "*"
    key: str = "*"
    nth: int | None = None
    since: float = 0.0
    until: float = math.inf

    def __post_init__(self) -> None:
        if not isinstance(self.effect, Effect):
            raise FaultError(f"{self.effect!r} is no effect of a fault; there are {', '.join(_EFFECTS)}")
        if not any(fnmatchcase(method, self.method) for method in _METHODS):
            raise FaultError(
                f"method={self.method!r} matches none of {', '.join(_METHODS)}, so the fault would meet nothing"
            )
        if self.nth is not None and self.nth < 1:
            raise FaultError(f"nth={self.nth}: requests are counted from 1")
        if not 0 <= self.since < self.until:
            raise FaultError(f"since={self.since:g}, until={self.until:g}: there is no time in between")

    def __str__(self) -> str:
        """Say it as ``Refuse(status=503) for method='PUT', nth=1``."""
        rest = [field for field in fields(self) if field.name != "effect"]
        chosen = [field.name for field in rest if getattr(self, field.name) != field.default]
        requests = ", ".join(f"{name}={getattr(self, name)!r}" for name in chosen)
        return f"{self.effect} for {requests or 'every request'}"

    def matches(self, method: str, key: str, elapsed: float) -> bool:
        """Whether a request at ``elapsed`` seconds is one of those that ``nth`` counts."""
        return fnmatchcase(method, self.method) and fnmatchcase(key, self.key) and self.since <= elapsed < self.until

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON can carry it."""
        return {**asdict(self), "effect": {"kind": type(self.effect).__name__, **asdict(self.effect)}}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Fault:
        """Read back what :meth:`to_json` gave."""
        effect = dict(document["effect"])
        return cls(**{**document, "effect": _EFFECTS[effect.pop("kind")](**effect)})
