"""The owner's end of a store's process: its lifetime, and commands, each with a deadline."""

from __future__ import annotations

import json
import os
import select
from typing import TYPE_CHECKING, Any, cast

from harness.host.deadline import Deadline
from harness.store.errors import StoreDied, StoreError, StoreTimeout

if TYPE_CHECKING:
    from pathlib import Path

    from harness.store.configuration import Configuration
    from harness.store.fork_server import ForkServer

_START_LIMIT = 60.0  # seconds; some tenths on an idle machine
_ANSWER_LIMIT = 20.0  # seconds
_EXIT_LIMIT = 0.5  # seconds for a process that is already ending
_LOG_TAIL = 20  # lines


class Control:
    """A running store (:mod:`harness.store.server`), called ``name`` in errors."""

    def __init__(self, name: str, configuration: Configuration, fork_server: ForkServer, log: Path) -> None:
        self._name = name
        self._log = log
        self._rest = b""
        self._port: int | None = None
        self._asked = 0
        self._start = Deadline(_START_LIMIT)
        self._process = fork_server.fork(f"store {name}", log)
        os.set_blocking(self._process.stdin, False)
        self._send(configuration.to_json(), self._start)

    @property
    def port(self) -> int:
        """The port it listens on; waits until it does."""
        if self._port is None:
            if not self._process.running:
                raise self.died()
            self._port = int(self._receive(self._start)["port"])
        return self._port

    def ask(self, command: str, **arguments: Any) -> Any:
        """Run a command in the process and return its answer.

        Raises:
            StoreError: it fails; the message gives the reason.
            StoreDied: the process is gone.
            StoreTimeout: it did not answer in time.
        """
        if not self._process.running:
            raise self.died()
        _ = self.port  # its first answer
        deadline = Deadline(_ANSWER_LIMIT)
        self._asked += 1
        self._send(json.dumps({"number": self._asked, "command": command, **arguments}), deadline)
        received = self._receive(deadline)
        while received["number"] != self._asked:  # a late answer, for which nobody waits any more
            received = self._receive(deadline)
        if error := received.get("error"):
            raise StoreError(f"store {self._name} cannot {command}: {error}")
        return received.get("answer")

    def end(self) -> None:
        """End the process."""
        self._process.end()

    def ended(self) -> bool:
        """Whether the process has ended; waits a moment for one that no longer listens."""
        return self._process.wait(_EXIT_LIMIT)

    def died(self) -> StoreDied:
        """Return the error for a process that is gone, with the end of its log."""
        self._process.end(grace=_EXIT_LIMIT)
        return StoreDied(f"the store {self._name} died; the end of {self._log}:\n{self._tail()}")

    def _send(self, line: str, deadline: Deadline) -> None:
        data = line.encode() + b"\n"
        try:
            while data:
                if not select.select([], [self._process.stdin], [], deadline.remaining())[1]:
                    raise self._late(deadline)
                data = data[os.write(self._process.stdin, data) :]
        except BrokenPipeError:
            raise self.died() from None

    def _receive(self, deadline: Deadline) -> dict[str, Any]:
        while b"\n" not in self._rest:
            if not select.select([self._process.stdout], [], [], deadline.remaining())[0]:
                raise self._late(deadline)
            block = os.read(self._process.stdout, 65536)
            if not block:
                raise self.died()
            self._rest += block
        line, _, self._rest = self._rest.partition(b"\n")
        return cast("dict[str, Any]", json.loads(line))

    def _late(self, deadline: Deadline) -> StoreTimeout:
        message = f"the store {self._name} did not answer within {deadline.seconds:.0f} s"
        return StoreTimeout(f"{message}; the end of {self._log}:\n{self._tail()}")

    def _tail(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_LOG_TAIL:]) or "(the log is empty; was it killed?)"
