"""Runs of the gate inside a test: each in its own temporary directory, to detect leftovers."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from harness.guest.frozen import FrozenGuest
from harness.host.deadline import Deadline
from harness.host.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.gate import Gate

ROOT = Path(__file__).parents[2]
_LIMIT = 300.0  # seconds for an inner run on a busy host


class InnerRun:
    """``pytest`` on one scenario file, started in the background, ``through`` a program that starts another."""

    def __init__(
        self,
        home: Path,
        scenario: str,
        *arguments: str,
        environment: dict[str, str] | None = None,
        through: Sequence[str] = (),
    ) -> None:
        self.home = home
        (home / "test_inner.py").write_text(scenario)
        (home / "conftest.py").write_text('pytest_plugins = ["harness.plugin"]\n')
        (home / "pytest.ini").write_text("[pytest]\n")
        environment = os.environ | {"TMPDIR": str(home), "PYTHONPATH": str(ROOT)} | (environment or {})
        environment.pop("PYTEST_XDIST_WORKER", None)
        self.log = home / "log"
        # Everything that a shell's background job starts ignores Ctrl-C by default.
        python = ["env", "--default-signal=INT", sys.executable]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*through, *python, "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider", "-x", *arguments],
                cwd=home,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """Its output so far."""
        return self.log.read_text(errors="replace")

    def reach(self, name: str) -> str:
        """Wait until the scenario writes the file ``name``; return its content."""
        deadline = Deadline(_LIMIT)
        path = self.home / name
        while not (path.exists() and path.read_text()):
            assert self.process.poll() is None, self.output
            assert not deadline.passed, self.output
            time.sleep(0.05)
        return path.read_text()

    def interrupt(self) -> None:
        """Ctrl-C, as a terminal sends it: to all foreground processes."""
        os.killpg(self.process.pid, signal.SIGINT)

    def wait(self) -> int:
        """Wait for the end; return the exit status."""
        return self.process.wait(_LIMIT)

    def kill(self) -> None:
        """End it if it still runs, and everything it left running."""
        self.process.kill()
        self.process.wait(30)
        for process, _ in self._born():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def processes(self) -> list[str]:
        """Return the command lines of all living processes started in it."""
        return [f"{process.pid} {command[:100]}" for process, command in self._born()]

    def descendants(self, words: str) -> list[psutil.Process]:
        """Return the processes with these words in their command lines."""
        return [process for process, command in self._born() if words in command]

    def _born(self) -> list[tuple[psutil.Process, str]]:
        """Return each with its command line, asked in the same breath: a process may end between two questions."""
        born = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("TMPDIR") == str(self.home) and process.status() != psutil.STATUS_ZOMBIE:
                    born.append((process, " ".join(process.cmdline())))
            except psutil.Error:  # it ended, or belongs to someone else
                continue
        return born

    def left_running(self) -> list[str]:
        """Return what is still alive a moment after the end."""
        deadline = Deadline(15)
        while (left := self.processes()) and not deadline.passed:
            time.sleep(0.05)
        return left

    @property
    def runs(self) -> Path:
        """The parent of its workspaces."""
        return self.home / f"pg-archive-gate-{os.getuid()}"

    def workspaces(self) -> list[str]:
        """Return the existing workspaces."""
        return [path.name for path in self.runs.iterdir() if path.is_dir()] if self.runs.exists() else []


@pytest.fixture
def frozen(gate: Gate) -> FrozenGuest:
    """The gate's guest, as these tests need it: one that our own QEMU boots."""
    assert isinstance(gate.guest, FrozenGuest)
    return gate.guest


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with Workspace() as workspace:
        yield workspace


@pytest.fixture
def inner(gate: Gate) -> Iterator[Callable[..., InnerRun]]:
    """Start inner runs; the template that they thaw is made before the first."""
    with tempfile.TemporaryDirectory(prefix="ends-", dir="/tmp", ignore_cleanup_errors=True) as home:
        started: list[InnerRun] = []

        def start(
            scenario: str, *arguments: str, environment: dict[str, str] | None = None, through: Sequence[str] = ()
        ) -> InnerRun:
            started.append(InnerRun(Path(home), scenario, *arguments, environment=environment, through=through))
            return started[-1]

        yield start
        for run in started:
            run.kill()
