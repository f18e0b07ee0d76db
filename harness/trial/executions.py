"""What the guest executes in a period: command lines, environments, and what others can read, each as it starts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.host.deadline import Deadline
from harness.machine.errors import MachineError
from harness.trial.places import without_empty

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.machine.machine import Machine
    from harness.machine.running import RunningCommand

_WATCH = "/usr/lib/pg-archive-gate/watch-executions"
_KILLED = 137  # its exit status


@dataclass(frozen=True)
class Execution:
    """One program as it was executed."""

    argv: tuple[str, ...]
    environment: tuple[str, ...]
    readable: frozenset[str]
    """The files, where backups have some, that every user could read then, and not when watching began.

    Without those that are empty when watching ends.
    """

    @property
    def program(self) -> str:
        """The program's name without its directory."""
        return self.argv[0].rsplit("/", 1)[-1]


class ExecutionWatch:
    """Watches inside ``with``; iterate over it afterwards.

    Raises:
        MachineError: the guest cannot be watched, the watch ended before the period did, or a program ended before it
            was read, so that nothing can be said of it.
    """

    def __init__(self, machine: Machine, places: Iterable[str]) -> None:
        self._machine = machine
        self._places = list(places)
        self._running: RunningCommand | None = None
        self._seen: list[Execution] = []

    def __enter__(self) -> ExecutionWatch:
        self._running = self._machine.start([_WATCH, *self._places])
        first = self._running.read(timeout=30)
        if not first.startswith(b"{"):
            result = self._running.wait(timeout=10)
            message = f"executions cannot be watched in this guest: {result.stderr.decode(errors='replace')}"
            raise MachineError(message)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        assert self._running is not None
        self._running.kill()
        result = self._running.finish(Deadline(10))
        if kind is not None:
            return
        if result.status != _KILLED:
            message = f"the watch over executions ended by itself: {result.stderr.decode(errors='replace')}"
            raise MachineError(message)
        whole = result.stdout[: result.stdout.rfind(b"\n")]  # the last line may be cut off
        first, *entries = map(json.loads, whole.decode(errors="replace").split("\n"))
        before = set(first["readable"])
        if missed := sum("missed" in entry for entry in entries):
            raise MachineError(f"{missed} of {len(entries)} programs ended before the watch could read them")
        new = without_empty(self._machine, frozenset(path for entry in entries for path in entry["readable"]) - before)
        for entry in entries:
            readable = new.intersection(entry["readable"])
            self._seen.append(Execution(tuple(entry["argv"]), tuple(entry["environment"]), readable))

    def __iter__(self) -> Iterator[Execution]:
        return iter(self._seen)
