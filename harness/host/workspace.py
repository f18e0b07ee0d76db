"""The private directory of one run, and what to do about the runs that died.

A run's sockets, overlays and child processes are all named inside its workspace. The workspace is held by a lock that
the kernel drops however the run ends, so a later run can tell a live one from a dead one without trusting process ids.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from filelock import FileLock, Timeout

from harness.errors import GateError

if TYPE_CHECKING:
    from types import TracebackType

_LOCK = "lock"
_PROCESSES = "processes"


class WorkspaceError(GateError):
    """There is no place for a run's directory."""


def runs_directory() -> Path:
    """Return where this user's workspaces lie. Raises WorkspaceError if there is no temporary directory at all."""
    try:
        return Path(tempfile.gettempdir()) / f"pg-archive-gate-{os.getuid()}"
    except OSError as error:
        raise WorkspaceError(f"{error.strerror}; set TMPDIR to a directory that you can write to") from None


class Workspace:
    """A run's directory, 0700, removed at the end, at the latest when the interpreter ends.

    ``label`` tells the workers of one run apart, by name. Raises WorkspaceError if it cannot be made, or ``parent``
    is open to others.
    """

    def __init__(self, parent: Path | None = None, *, label: str = "") -> None:
        parent = parent or runs_directory()
        self.path = parent / "-".join(filter(None, (str(os.getpid()), label, secrets.token_hex(3))))
        try:
            parent.mkdir(mode=0o700, exist_ok=True)
            _refuse_foreign(parent)
            self.path.mkdir(mode=0o700)
        except OSError as error:
            message = f"cannot make {self.path}: {error.strerror}; set TMPDIR to a directory that you can write to"
            raise WorkspaceError(message) from None
        self._lock = FileLock(self.path / _LOCK)
        self._lock.acquire(timeout=0)
        self.subdirectory(_PROCESSES)
        atexit.register(self.close)  # an impatient Ctrl-C skips whatever would have closed it

    def subdirectory(self, name: str) -> Path:
        """Make (if need be) and return a private directory in the workspace."""
        path = self.path / name
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    def register(self, process_id: int, name: str) -> None:
        """Note a child process, so that the run after a crash can end it."""
        with contextlib.suppress(psutil.NoSuchProcess):
            born = psutil.Process(process_id).create_time()
            (self.path / _PROCESSES / str(process_id)).write_text(f"{born} {name}\n")

    def forget(self, process_id: int) -> None:
        """Take a child that has been reaped off the list."""
        (self.path / _PROCESSES / str(process_id)).unlink(missing_ok=True)

    def close(self) -> None:
        """End what still runs and remove the directory. Safe to call again."""
        atexit.unregister(self.close)
        _end_registered(self.path)
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def sweep(parent: Path | None = None) -> list[str]:
    """Clean up after runs that died without doing so; one sentence for each thing ended or removed."""
    parent = parent or runs_directory()
    if not parent.is_dir():
        return []
    _refuse_foreign(parent)
    said: list[str] = []
    for path in sorted(parent.iterdir()):
        # A workspace without its lock file is one that is being made this instant, or being removed.
        if not (path / _LOCK).exists():
            continue
        lock = FileLock(path / _LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            continue
        ended = _end_registered(path)
        shutil.rmtree(path, ignore_errors=True)
        lock.release()
        said.append(f"cleaned up after run {path.name}, which died: {', '.join(ended) or 'nothing was running'}")
    return said


def _end_registered(path: Path) -> list[str]:
    """Kill the registered children that still live; their names and ids."""
    victims: list[tuple[psutil.Process, str]] = []
    for entry in (path / _PROCESSES).glob("*"):
        with contextlib.suppress(psutil.Error, ValueError, OSError):
            born, name = entry.read_text().strip().split(" ", 1)
            process = psutil.Process(int(entry.name))
            # A process id is reused; a process id with its birth time is not.
            if abs(process.create_time() - float(born)) < 0.01:
                process.kill()
                victims.append((process, name))
    psutil.wait_procs([process for process, _ in victims], timeout=10)
    return [f"{name} (process {process.pid}) ended" for process, name in victims]


def _refuse_foreign(parent: Path) -> None:
    status = parent.lstat()
    if status.st_uid != os.getuid() or status.st_mode & 0o077 or parent.is_symlink():
        message = f"{parent} is not a private directory of yours; remove it, or set TMPDIR to another place"
        raise WorkspaceError(message)
