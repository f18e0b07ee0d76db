"""What a machine costs: to boot, to thaw, to talk to."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from bench.frozen import frozen
from bench.result import Result, measure
from harness.database.psql import DatabaseError, Psql
from harness.host.deadline import Deadline
from harness.machine.freezer import boot_cold, thaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.gate import Gate
    from harness.host.workspace import Workspace
    from harness.machine.machine import Machine

_MEGABYTE = 1 << 20
_FORKS = 50
_FILE = "/root/pushed"


def machines(gate: Gate, workspace: Workspace) -> Iterator[Result]:
    """Yield the results about machines; the guest is the site's, frozen with filled databases."""
    numbers = iter(range(10_000))

    def cold() -> None:
        with boot_cold(frozen(gate).template, workspace=workspace, name=f"cold-{next(numbers)}") as machine:
            _first_answer(machine)

    yield (cold_boot := measure("cold-boot", cold, runs=3))
    yield from thaws(gate, workspace, runs=100, against=cold_boot)

    with thaw(frozen(gate).template, workspace=workspace, name="thawed") as machine:
        yield (fork := Result("guest-fork", "s", [_fork(machine) for _ in range(5)]))
        yield (small := measure("command-small", lambda: machine.check(["true"]), runs=50, against=fork))
        yield measure(
            "command-1mb", lambda: machine.check(["head", "-c", str(_MEGABYTE), "/dev/zero"]), runs=10, against=small
        )
        yield measure("push-1mb", lambda: machine.push(bytes(_MEGABYTE), _FILE), runs=10, against=small)
        yield measure("pull-1mb", lambda: machine.pull(_FILE), runs=10, against=small)


def thaws(gate: Gate, workspace: Workspace, *, runs: int, against: Result | None = None) -> Iterator[Result]:
    """Yield the time from a thaw to the first command, to the first SQL, and how many were the frozen machine."""
    to_command = Result("thaw-first-command", "s", against=against)
    to_sql = Result("thaw-first-sql", "s", against=against or to_command)
    good = 0
    for number in range(runs):
        begun = time.monotonic()
        with thaw(frozen(gate).template, workspace=workspace, name=f"thaw-{number}") as machine:
            machine.check(["true"])
            to_command.values.append(time.monotonic() - begun)
            _first_answer(machine)
            to_sql.values.append(time.monotonic() - begun)
            good += machine.boot_id == frozen(gate).template.boot_id
    yield to_command
    yield to_sql
    yield Result("thaws-good", f"of {runs}", [good])


def _first_answer(machine: Machine) -> None:
    """Wait until PostgreSQL answers."""
    deadline = Deadline(180)
    while True:
        try:
            Psql(machine).run("SELECT 1")
        except DatabaseError:
            if deadline.passed:
                raise
            time.sleep(0.1)
        else:
            return


def _fork(machine: Machine) -> float:
    """Return how long the guest's own bash takes to run one program, in seconds."""
    script = f"TIMEFORMAT=%R; time for n in {{1..{_FORKS}}}; do /bin/true; done"
    said = machine.check(script).stderr.decode()
    return float(re.findall(r"[\d.]+", said)[-1]) / _FORKS
