"""The fault plan as data: what happens to which requests.

A scenario says ``wasabi.meet(Fault(Refuse(503), method="PUT", nth=1))``; :mod:`harness.store.server.play` plays it.
Faults never apply to requests made with the harness's key.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from typing import Any

from harness.errors import GateError
from harness.store.effect import EFFECTS, Effect, FlipBit, Page, Refuse, Reset, Slow, Stall, Truncate

METHODS = ("DELETE", "GET", "HEAD", "POST", "PUT")
UPLOADS = frozenset({"CompleteMultipartUpload", "CopyObject", "PutObject"})
"""The operations of S3 that make an object, or replace it."""


class FaultError(GateError):
    """There is no such fault; the sentence says what is wrong with it."""


@dataclass(frozen=True)
class Fault:
    """An effect on the requests that match all the other fields.

    ``method``, ``key`` and ``operation`` are shell patterns; an operation is one of S3's: "CompleteMultipartUpload".
    ``nth`` selects one request, counted from 1 among those that match otherwise, ``from_nth`` that one and all later
    ones; ``since`` and ``until`` are seconds after the plan was set. With ``served`` the server does its work first,
    and only its answer meets the effect: an upload is stored, then answered 500.

    With ``at_rest`` only uploads that make an object count, and the object rots: answer, listing and ETag are those of
    what was sent, and whoever reads it, the harness too, gets other bytes, always the same ones, until it is replaced
    or deleted. The end of the plan mends nothing.

    Bucket requests have the key "": rclone creates the bucket with a PUT before its first object, so ``nth`` usually
    needs a ``key`` too.
    """

    effect: Effect
    method: str = "*"
    key: str = "*"
    operation: str = "*"
    nth: int | None = None
    from_nth: int = 1
    since: float = 0.0
    until: float = math.inf
    served: bool = False
    at_rest: bool = False

    def __post_init__(self) -> None:
        """Raise FaultError for a fault that no request could meet: a scenario about it would prove nothing."""
        if not isinstance(self.effect, Effect):
            raise FaultError(f"{self.effect!r} is no effect of a fault; there are {', '.join(EFFECTS)}")
        if not any(fnmatchcase(method, self.method) for method in METHODS):
            raise FaultError(f"{self}: no method of S3 is {self.method!r}; there are {', '.join(METHODS)}")
        if self.operation != "*":
            self._check_operation()
        if min(self.from_nth, self.nth or 1) < 1 or self.nth == 0:
            raise FaultError(f"{self}: requests are counted from 1")
        if self.nth is not None and self.from_nth != 1:
            raise FaultError(f"{self}: it has both nth, one request, and from_nth, all from one on")
        if not max(self.since, 0) < self.until:
            raise FaultError(f"{self}: it is over before it begins")
        self._check_effect()

    def _check_operation(self) -> None:
        from harness.store.operation import operation_names  # noqa: PLC0415 - it loads botocore's description of S3

        if not any(fnmatchcase(name, self.operation) for name in operation_names()):
            raise FaultError(f"{self}: no operation of S3 is {self.operation!r}; there is CompleteMultipartUpload, …")

    def _check_effect(self) -> None:
        if isinstance(self.effect, Refuse) and not 400 <= self.effect.status <= 599:
            raise FaultError(f"{self}: HTTP status {self.effect.status} refuses nothing; take one from 400 to 599")
        if min(number for number in asdict(self.effect).values() if isinstance(number, int | float)) < 0:
            raise FaultError(f"{self}: it has a negative number")
        if isinstance(self.effect, Slow) and self.effect.bytes_per_second == 0:
            raise FaultError(f"{self}: nothing would ever arrive; take Stall")
        if isinstance(self.effect, Page) and self.effect.keys == 0:
            raise FaultError(f"{self}: no listing would ever end; take one key or more")
        self._check_at_rest()
        if self.served and not isinstance(self.effect, Refuse | Stall | Slow | Reset):
            raise FaultError(f"{self}: served is for Refuse, Stall, Slow and Reset")
        if self.served and isinstance(self.effect, Reset) and self.effect.after:
            raise FaultError(f"{self}: a reset after the work is after no byte of the upload")

    def _check_at_rest(self) -> None:
        if not self.at_rest:
            return
        if not isinstance(self.effect, FlipBit | Truncate):
            raise FaultError(f"{self}: at_rest is for FlipBit and Truncate")
        if not any(fnmatchcase(method, self.method) for method in ("POST", "PUT")):
            raise FaultError(f"{self}: no {self.method} makes an object that could rot")
        if not any(fnmatchcase(name, self.operation) for name in UPLOADS):
            raise FaultError(f"{self}: what rots is made by {', '.join(sorted(UPLOADS))}")

    def __str__(self) -> str:
        """Say it as ``Refuse(status=503) for method='PUT', nth=1``."""
        rest = [field for field in fields(self) if field.name != "effect"]
        chosen = [field.name for field in rest if getattr(self, field.name) != field.default]
        requests = ", ".join(f"{name}={getattr(self, name)!r}" for name in chosen)
        return f"{_chosen(self.effect)} for {requests or 'every request'}"

    def matches(self, *, method: str, key: str, operation: str, elapsed: float) -> bool:
        """Whether ``nth`` counts a request at ``elapsed`` seconds."""
        return (
            fnmatchcase(method, self.method)
            and fnmatchcase(key, self.key)
            and fnmatchcase(operation, self.operation)
            and (operation in UPLOADS or not self.at_rest)
            and self.since <= elapsed < self.until
        )

    def applies(self, count: int) -> bool:
        """Whether it applies to the ``count``-th of the requests that match."""
        return count >= self.from_nth if self.nth is None else count == self.nth

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {**asdict(self), "effect": {"kind": type(self.effect).__name__, **asdict(self.effect)}}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Fault:
        """Read back what :meth:`to_json` gave."""
        effect = dict(document["effect"])
        return cls(**{**document, "effect": EFFECTS[effect.pop("kind")](**effect)})


def _chosen(effect: Effect) -> str:
    """Say an effect with the fields that are not at their defaults, and what it must have."""
    shown = [f"{f.name}={getattr(effect, f.name)!r}" for f in fields(effect) if getattr(effect, f.name) != f.default]
    return f"{type(effect).__name__}({', '.join(shown)})"
