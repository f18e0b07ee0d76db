"""The owner's end of the process that stores are forked from, so that imports happen once, not per store."""

from __future__ import annotations

import os
import select
import signal
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from harness.host.deadline import Deadline
from harness.host.process import OwnedProcess
from harness.store.errors import StoreDied

if TYPE_CHECKING:
    from harness.host.workspace import Workspace

NUMBER = struct.Struct("i")  # how the fork server sends a process id
_FORK_LIMIT = 60.0  # seconds; the first answer takes 0.5 s on an idle machine
_KILLED = 30.0  # seconds


class ForkedProcess:
    """A store's process, a grandchild of ours; it ends at the latest when its stdin closes.

    ``stdin`` and ``stdout`` are our ends of its pipes.
    """

    def __init__(self, process_id: int, name: str, stdin: int, stdout: int, workspace: Workspace) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self.pid = process_id
        self._workspace = workspace
        # A pid alone may be reused: a grandchild is reaped by its parent.
        self._handle = os.pidfd_open(process_id)
        workspace.register(process_id, name)

    @property
    def running(self) -> bool:
        """Whether it is still running."""
        return not self.wait(0)

    def wait(self, timeout: float) -> bool:
        """Wait up to that many seconds for its end; whether it has ended."""
        return self._handle < 0 or bool(select.select([self._handle], [], [], timeout)[0])

    def end(self, grace: float = 5.0) -> None:
        """Ask it to end, kill it after ``grace`` seconds. Safe to call again."""
        if self._handle < 0:
            return
        for number, limit in ((signal.SIGTERM, grace), (signal.SIGKILL, _KILLED)):
            if self.running:
                with suppress(ProcessLookupError):  # it is ending right now
                    signal.pidfd_send_signal(self._handle, number)
                self.wait(limit)
        self._workspace.forget(self.pid)
        for descriptor in (self.stdin, self.stdout, self._handle):
            os.close(descriptor)
        self._handle = -1


class ForkServer:
    """Starts :mod:`harness.store.server` when the first store is needed; it ends with the workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._log = workspace.path / "fork-server.log"
        self._process: OwnedProcess | None = None
        self._socket: socket.socket | None = None

    def start(self) -> None:
        """Start it without waiting for its imports."""
        if self._process is not None and self._socket is not None:
            if self._process.running:
                return
            self._process.end()
            self._socket.close()
        ours, its = socket.socketpair()
        with its, self._log.open("ab") as log:
            self._process = OwnedProcess(
                [sys.executable, "-P", "-m", "harness.store.server"],
                name="fork server of stores",
                workspace=self.workspace,
                stdin=its.fileno(),
                stderr=log,
                # It must find the modules that we found, however we started: in a checkout, in NixOS's test driver.
                env=os.environ | {"PYTHONPATH": os.pathsep.join(str(Path(path).absolute()) for path in sys.path)},
            )
        self._socket = ours

    def fork(self, name: str, log: Path) -> ForkedProcess:
        """Return a store's process, which waits for its configuration; its output goes to ``log``.

        Raises:
            StoreDied: the fork server does not start or answer.
        """
        self.start()
        assert self._socket is not None
        assert self._process is not None
        its_stdin, stdin = os.pipe()
        stdout, its_stdout = os.pipe()
        with log.open("ab") as stderr:
            passed = [its_stdin, its_stdout, stderr.fileno()]
            try:
                socket.send_fds(self._socket, [b"\0"], passed)
                process_id = self._answer(Deadline(_FORK_LIMIT))
            except BaseException as error:
                os.close(stdin)
                os.close(stdout)
                self._process.end()  # a late answer must not be taken for the next one
                if isinstance(error, OSError):  # the other end is closed
                    raise self._failed("died") from None
                raise
            finally:
                os.close(its_stdin)
                os.close(its_stdout)
        return ForkedProcess(process_id, name, stdin, stdout, self.workspace)

    def _answer(self, deadline: Deadline) -> int:
        assert self._socket is not None
        if not select.select([self._socket], [], [], deadline.remaining())[0]:
            raise self._failed(f"did not answer within {deadline.seconds:.0f} s")
        answer = self._socket.recv(NUMBER.size)
        if len(answer) < NUMBER.size:
            raise self._failed("died")
        number: int = NUMBER.unpack(answer)[0]
        return number

    def _failed(self, what: str) -> StoreDied:
        said = self._log.read_text(encoding="utf-8", errors="replace")[-2000:] or "(nothing)"
        return StoreDied(f"the fork server of stores {what}; its output:\n{said}")
