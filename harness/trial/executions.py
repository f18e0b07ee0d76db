"""What the guest executes in a period: command lines, environments, and what others can read, each as it starts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.host.deadline import Deadline
from harness.machine.errors import MachineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.machine.machine import Machine
    from harness.machine.running import RunningCommand

_WATCH = "/usr/lib/pg-archive-gate/watch-executions"


@dataclass(frozen=True)
class Execution:
    """One program as it was executed."""

    argv: tuple[str, ...]
    environment: tuple[str, ...]
    readable: frozenset[str]
    """The files, where backups have some, that every user could read then, and not when watching began."""

    @property
    def program(self) -> str:
        """The program's name without its directory."""
        return self.argv[0].rsplit("/", 1)[-1]


class ExecutionWatch:
    """Watches inside ``with``; iterate over it afterwards. ``missed`` counts those that ended unread."""

    def __init__(self, machine: Machine, places: Iterable[str]) -> None:
        self._machine = machine
        self._places = list(places)
        self._running: RunningCommand | None = None
        self._seen: list[Execution] = []
        self.missed = 0

    def __enter__(self) -> ExecutionWatch:
        self._running = self._machine.start([_WATCH, *self._places])
        first = self._running.read(timeout=30)
        if not first.startswith(b"{"):
            result = self._running.wait(timeout=10)
            message = f"executions cannot be watched in this guest: {result.stderr.decode(errors='replace')}"
            raise MachineError(message)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._running is not None
        self._running.kill()
        output = self._running.finish(Deadline(10)).stdout.decode(errors="replace")
        entries = [json.loads(line) for line in output.splitlines() if line.endswith("}")]  # the last may be cut off
        before = set(entries[0]["readable"])
        for entry in entries[1:]:
            readable = frozenset(entry["readable"]) - before
            if "argv" in entry:
                self._seen.append(Execution(tuple(entry["argv"]), tuple(entry["environment"]), readable))
            elif "missed" in entry:
                self.missed += 1

    def __iter__(self) -> Iterator[Execution]:
        return iter(self._seen)
