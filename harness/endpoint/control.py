"""The owner's end of an endpoint's process: its life, and commands to it with a deadline on each."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from typing import TYPE_CHECKING, Any, cast

from harness.deadline import Deadline
from harness.endpoint.errors import EndpointDied, EndpointError, EndpointTimeout
from harness.process import OwnedProcess

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

    from harness.endpoint.configuration import Configuration
    from harness.workspace import Workspace

_START_LIMIT = 60.0  # seconds; about 1.5 on a machine with nothing else to do
_ANSWER_LIMIT = 20.0  # seconds
_EXIT_LIMIT = 0.5  # seconds for a process to end that is already on its way
_LOG_TAIL = 20  # lines


class Control:
    """A running :mod:`harness.endpoint.server`, said to be ``name`` in errors."""

    def __init__(self, name: str, configuration: Configuration, workspace: Workspace, log: Path) -> None:
        self._name = name
        self._log = log
        self._rest = b""
        self._port: int | None = None
        self._start = Deadline(_START_LIMIT)
        with log.open("ab") as stderr:
            self._process = OwnedProcess(
                [sys.executable, "-P", "-m", "harness.endpoint.server"],
                name=f"endpoint {name}",
                workspace=workspace,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
        self._to = cast("IO[bytes]", self._process.popen.stdin).fileno()
        self._from = cast("IO[bytes]", self._process.popen.stdout).fileno()
        os.set_blocking(self._to, False)
        self._send(configuration.to_json(), self._start)

    @property
    def port(self) -> int:
        """The port that it listens on; waits until it does."""
        if self._port is None:
            self._port = int(self._receive(self._start)["port"])
        return self._port

    def ask(self, command: str, **arguments: Any) -> None:
        """Have a command carried out.

        Raises:
            EndpointError: the process says why it cannot.
            EndpointDied: it is gone.
            EndpointTimeout: it did not answer in time.
        """
        if not self._process.running:
            raise self.died()
        _ = self.port  # its first answer
        deadline = Deadline(_ANSWER_LIMIT)
        self._send(json.dumps({"command": command, **arguments}), deadline)
        error = self._receive(deadline).get("error")
        if error:
            raise EndpointError(f"endpoint {self._name} cannot {command}: {error}")

    def end(self) -> None:
        """End the process."""
        self._process.end()

    def ended(self) -> bool:
        """Whether the process has ended; one that no longer listens is given a moment to."""
        try:
            self._process.popen.wait(timeout=_EXIT_LIMIT)
        except subprocess.TimeoutExpired:
            return False
        return True

    def died(self) -> EndpointDied:
        """Return the error for a process that is gone, with the last of what it said."""
        status = self._process.end(grace=_EXIT_LIMIT)
        message = f"the endpoint {self._name} died with status {status}"
        return EndpointDied(f"{message}; the end of {self._log}:\n{self._tail()}")

    def _send(self, line: str, deadline: Deadline) -> None:
        data = line.encode() + b"\n"
        try:
            while data:
                if not select.select([], [self._to], [], deadline.remaining())[1]:
                    raise self._late(deadline)
                data = data[os.write(self._to, data) :]
        except BrokenPipeError:
            raise self.died() from None

    def _receive(self, deadline: Deadline) -> dict[str, Any]:
        while b"\n" not in self._rest:
            if not select.select([self._from], [], [], deadline.remaining())[0]:
                raise self._late(deadline)
            block = os.read(self._from, 65536)
            if not block:
                raise self.died()
            self._rest += block
        line, _, self._rest = self._rest.partition(b"\n")
        return cast("dict[str, Any]", json.loads(line))

    def _late(self, deadline: Deadline) -> EndpointTimeout:
        message = f"the endpoint {self._name} did not answer within {deadline.seconds:.0f} s"
        return EndpointTimeout(f"{message}; the end of {self._log}:\n{self._tail()}")

    def _tail(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_LOG_TAIL:]) or "(it said nothing)"
