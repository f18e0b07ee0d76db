"""``pg-archive`` forked from a process that has it imported, for tests of many runs: starting Python takes most of one.

Run as a program, it takes an order a line, and answers with the run's process id, then with its exit status.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType


class Warm:
    """The process; one run at a time."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Start it with what a run's environment has beside PYTHONPATH."""
        self._server = subprocess.Popen(
            [sys.executable, "-SP", __file__],
            env={**environment},
            bufsize=0,  # a buffer would take the status with the process id, where select does not see it
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Warm:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.kill()
        self._server.communicate()

    def start(self, arguments: Sequence[str], output: Path) -> Run:
        """Start a run; what it says goes to a file."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(f"{json.dumps([*map(str, arguments)])}\t{output}\n".encode())
        return Run(int(self._server.stdout.readline()), self._server.stdout)


class Run:
    """A run that was started."""

    def __init__(self, pid: int, answers: IO[bytes]) -> None:
        self.pid = pid
        self._answers = answers

    def ended(self, within: float = 0.0) -> bool:
        """Whether it has ended, or does so within some seconds."""
        return bool(select.select([self._answers], [], [], within)[0])

    def status(self, within: float) -> int:
        """Return its exit status, negative for a signal."""
        assert self.ended(within), "the run did not end in time"
        return int(self._answers.readline())


def _serve() -> None:
    from pg_archive.cli import main
    from pg_archive.commands import run

    assert run.HELP
    for order in sys.stdin:
        arguments, output = order.rstrip("\n").split("\t")
        if not (child := os.fork()):
            os.setsid()
            said = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), said, said)):
                os.dup2(file, number)
            sys.exit(main(json.loads(arguments)))
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    _serve()
