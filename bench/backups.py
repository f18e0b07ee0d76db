"""The harness's overhead on top of the guest's own backup time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.gate import Gate


def backups(gate: Gate, *, runs: int = 5) -> Iterator[Result]:
    """Yield the unit's own time, a scenario's time over that, and a whole round trip's."""
    unit = Result("backup-unit", "s")
    overhead = Result("scenario-overhead", "s", against=unit)
    whole = Result("round-trip", "s", against=unit)
    for _ in range(runs):
        begun = time.monotonic()
        with gate.trial() as trial:
            run = trial.backup("db1")
            backed_up = time.monotonic() - begun
            trial.judge(run)
            whole.values.append(time.monotonic() - begun)
            judged = time.monotonic()
        ended = time.monotonic() - judged
        unit.values.append(run.seconds)
        overhead.values.append(backed_up + ended - run.seconds)
    yield from (unit, overhead, whole)
