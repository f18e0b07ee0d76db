"""Kills one program of a unit in the middle of its output, as the kernel does when memory runs out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.host.deadline import Deadline
from harness.machine.errors import MachineError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.machine.running import RunningCommand
    from harness.trial.trial import Trial

_KILLED = 137  # the watch's own exit status, when it is ended
_BEGUN = b"watching"

# Looks at the programs of the unit's control group until one by these names has written enough: proc(5), "wchar". One
# that has ended, and that nobody has waited for, could be killed without effect.
_WATCH = """
import glob, os, signal, sys, time
unit, enough, *programs = sys.argv[1:]
print("watching", flush=True)
while True:
    for file in glob.glob(f"/sys/fs/cgroup/**/{unit}/**/cgroup.procs", recursive=True):
        try:
            for process in open(file).read().split():
                name = open(f"/proc/{process}/comm").read().strip().removeprefix(".").removesuffix("-wrapped")
                if name not in programs:
                    continue
                written = next(line for line in open(f"/proc/{process}/io") if line.startswith("wchar:"))
                alive = open(f"/proc/{process}/stat").read().rpartition(")")[2].split()[0] != "Z"
                if alive and int(written.split()[1]) >= int(enough):
                    os.kill(int(process), signal.SIGKILL)
                    sys.exit(print(name))
        except (OSError, StopIteration):
            pass  # it has ended
    time.sleep(0.01)
"""
_ENOUGH = 1 << 18  # bytes: more than a program writes for itself, less than it makes of the slow table


class Killing:
    """Inside ``with``, kills the first of these programs, by name, that the database's unit runs and that writes much.

    Raises:
        MachineError: the guest cannot be watched, or the watch ended before the period did.
    """

    def __init__(self, trial: Trial, database: str, programs: Iterable[str]) -> None:
        self._machine = trial.machine
        self._unit = trial.units[database].name
        self._programs = tuple(programs)
        self._findings = trial.findings
        self._running: RunningCommand | None = None
        self.killed = ""
        """The name of the program that was killed, known after ``with``; "" if none of them wrote so much."""

    def __enter__(self) -> Killing:
        self._running = self._machine.start(["python3", "-c", _WATCH, self._unit, str(_ENOUGH), *self._programs])
        if not (first := self._running.read(timeout=30)).startswith(_BEGUN):
            raise MachineError(f"the programs of {self._unit} cannot be watched in this guest: {first!r}")
        self._findings.killing = True
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._findings.killing = False
        assert self._running is not None
        self._running.kill()
        result = self._running.finish(Deadline(10))
        if kind is not None:
            return
        if result.status not in {0, _KILLED}:
            message = result.stderr.decode(errors="replace")
            raise MachineError(f"the watch over the programs of {self._unit} ended by itself: {message}")
        self.killed = result.stdout.removeprefix(_BEGUN).decode().strip()
        if self.killed:
            self._findings.note(f"{self.killed} of {self._unit} is killed in the middle of its output")
