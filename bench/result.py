"""One figure and what it is measured against."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Result:
    """Repeated measurements of one thing, in ``unit``; ``against`` is another result, or None for a base."""

    name: str
    unit: str
    values: list[float] = field(default_factory=list)
    against: Result | None = None

    @property
    def median(self) -> float:
        """The median of the values."""
        return statistics.median(self.values)

    @property
    def ratio(self) -> float | None:
        """This median over the other's."""
        return self.median / self.against.median if self.against else None

    def to_json(self) -> dict[str, Any]:
        """Return it as data."""
        return {
            "name": self.name,
            "unit": self.unit,
            "median": self.median,
            "min": min(self.values),
            "max": max(self.values),
            "runs": len(self.values),
            "against": self.against.name if self.against else None,
            "ratio": self.ratio,
        }


def measure(name: str, action: Callable[[], object], *, runs: int, against: Result | None = None) -> Result:
    """Time ``action`` in seconds of wall time, ``runs`` times."""
    result = Result(name, "s", against=against)
    for _ in range(runs):
        begun = time.monotonic()
        action()
        result.values.append(time.monotonic() - begun)
    return result
