"""A child process with an owner that ends it, even if the owner is killed."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from harness.host.workspace import Workspace


MISSING = 127
"""The exit status of what is ``dying_with_us`` and whose program is not installed."""


def dying_with_us(argv: Sequence[str], by: str = "KILL") -> list[str]:
    """Return the command that runs ``argv`` and gets a signal when the thread that started it dies, however it does.

    The kernel sends it (prctl(2), PR_SET_PDEATHSIG); setpriv execs the program, which keeps its process id.
    """
    return ["setpriv", "--pdeathsig", by, "--", *argv]


class OwnedProcess:
    """A running program that ends with its owner.

    It is ``dying_with_us``, so start it from the main thread. The workspace records it for the next run's sweep.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        name: str,
        workspace: Workspace,
        stdin: int | IO[bytes] = subprocess.DEVNULL,
        stdout: int | IO[bytes] = subprocess.DEVNULL,
        stderr: int | IO[bytes] = subprocess.DEVNULL,
        pass_fds: Sequence[int] = (),
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.name = name
        self._workspace = workspace
        self.popen: subprocess.Popen[bytes] = subprocess.Popen(
            dying_with_us(argv),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            pass_fds=pass_fds,
            env=env,
            cwd=cwd,
            # Ctrl-C goes to the owner, which then ends its children in order.
            start_new_session=True,
        )
        workspace.register(self.pid, name)

    @property
    def pid(self) -> int:
        """The process id."""
        return self.popen.pid

    @property
    def running(self) -> bool:
        """Whether it is still running."""
        return self.popen.poll() is None

    def end(self, grace: float = 5.0) -> int:
        """Ask it to end, kill it after ``grace`` seconds, reap it; return the exit status. Safe to call again.

        While it runs, what it started in its session ends with it.
        """
        if self.running:
            self._signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.popen.wait(timeout=grace)
            self._signal(signal.SIGKILL)
        status = self.popen.wait(timeout=30)
        self._workspace.forget(self.pid)
        for stream in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            if stream is not None and not stream.closed:
                stream.close()
        return status

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):  # all have ended
            os.killpg(self.pid, number)
