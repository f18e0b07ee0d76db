"""The private directory of one run, and the clean-up after runs that died.

A run's sockets, overlays and child processes are all recorded in its workspace. The workspace is held by a lock that
the kernel releases however the run ends, so a later run can tell live from dead without trusting process ids.
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

from harness.errors import GateError
from harness.host.deadline import Deadline
from harness.host.lock import FileLock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

_LOCK = "lock"
_DOOR = ".door"
_PATIENCE = 60  # seconds
_PROCESSES = "processes"


class WorkspaceError(GateError):
    """A run's directory cannot be created."""


def runs_directory() -> Path:
    """Return the parent of this user's workspaces. Raises WorkspaceError if there is no temporary directory."""
    try:
        return Path(tempfile.gettempdir()) / f"pg-archive-gate-{os.getuid()}"
    except OSError as error:
        raise WorkspaceError(f"{error.strerror}; set TMPDIR to a directory that you can write to") from None


class Workspace:
    """A run's directory, 0700, removed at the latest when the interpreter ends.

    ``label`` distinguishes the workers of one run. Raises WorkspaceError if it cannot be created, or ``parent`` is
    accessible to others.
    """

    def __init__(self, parent: Path | None = None, *, label: str = "") -> None:
        parent = parent or runs_directory()
        self.path = parent / "-".join(filter(None, (str(os.getpid()), label, secrets.token_hex(3))))
        try:
            parent.mkdir(mode=0o700, exist_ok=True)
            _refuse_foreign(parent)
            with _alone(parent):
                self.path.mkdir(mode=0o700)
                self._lock = FileLock(self.path / _LOCK)
                self._lock.take()
        except OSError as error:
            message = f"cannot create {self.path}: {error.strerror}; set TMPDIR to a directory that you can write to"
            raise WorkspaceError(message) from None
        self.subdirectory(_PROCESSES)
        atexit.register(self.close)  # a repeated Ctrl-C skips the code that would have closed it

    def subdirectory(self, name: str) -> Path:
        """Return a private directory in the workspace, created if missing."""
        path = self.path / name
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    def register(self, process_id: int, name: str) -> None:
        """Record a child process, so that the run after a crash can end it."""
        with contextlib.suppress(psutil.NoSuchProcess):
            born = psutil.Process(process_id).create_time()
            (self.path / _PROCESSES / str(process_id)).write_text(f"{born} {name}\n")

    def forget(self, process_id: int) -> None:
        """Forget a child that has been reaped."""
        (self.path / _PROCESSES / str(process_id)).unlink(missing_ok=True)

    def close(self) -> None:
        """End remaining processes and remove the directory. Safe to call again."""
        _end_registered(self.path)
        _remove(self.path)
        self._lock.close()
        atexit.unregister(self.close)

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def sweep(parent: Path | None = None) -> list[str]:
    """Clean up after runs that died; return one sentence per thing ended or removed."""
    parent = parent or runs_directory()
    if not parent.is_dir():
        return []
    _refuse_foreign(parent)
    said: list[str] = []
    for path in sorted(parent.iterdir()):
        with _alone(parent):
            if not (path / _LOCK).exists():
                with contextlib.suppress(OSError):  # the door is no directory; else a run died while it made its own
                    path.rmdir()
                continue
            lock = FileLock(path / _LOCK)
            alive = not lock.take()
        if not alive:
            ended = _end_registered(path)
            _remove(path)
            said.append(f"cleaned up after run {path.name}, which died: {', '.join(ended) or 'nothing was running'}")
        lock.close()
    return said


@contextlib.contextmanager
def _alone(parent: Path) -> Iterator[None]:
    """Let one at a time make, try or remove a lock: half made or half removed, it looks like a dead run's."""
    place = parent / _DOOR
    try:
        door = FileLock(place)
    except OSError as error:
        message = f"cannot lock {place}: {error.strerror}; set TMPDIR to a directory that you can write to"
        raise WorkspaceError(message) from None
    try:
        if not door.take(Deadline(_PATIENCE)):
            message = f"other runs have kept {place} locked for {_PATIENCE} s; end them, or set TMPDIR to another place"
            raise WorkspaceError(message)
        yield
    finally:
        door.close()


def _remove(path: Path) -> None:
    """Remove a workspace, the lock last: who is killed meanwhile leaves what the next run knows to be left."""
    with contextlib.suppress(OSError):
        for entry in path.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.name != _LOCK:
                entry.unlink(missing_ok=True)
    with contextlib.suppress(WorkspaceError, OSError), _alone(path.parent):  # else it is the next run's to remove
        shutil.rmtree(path, ignore_errors=True)


def _end_registered(path: Path) -> list[str]:
    """Kill the recorded children that are still alive, and theirs; return the names and ids of ours."""
    victims: list[tuple[psutil.Process, str]] = []
    for entry in (path / _PROCESSES).glob("*"):
        with contextlib.suppress(psutil.Error, ValueError, OSError):
            born, name = entry.read_text().strip().split(" ", 1)
            process = psutil.Process(int(entry.name))
            # A pid can be reused; a pid with its start time cannot.
            if abs(process.create_time() - float(born)) < 0.01:
                children = process.children(recursive=True)
                process.kill()
                for child in children:
                    with contextlib.suppress(psutil.Error):
                        child.kill()
                victims.append((process, name))
    psutil.wait_procs([process for process, _ in victims], timeout=10)
    return [f"{name} (process {process.pid}) ended" for process, name in victims]


def _refuse_foreign(parent: Path) -> None:
    status = parent.lstat()
    if status.st_uid != os.getuid() or status.st_mode & 0o077 or parent.is_symlink():
        message = f"{parent} is not a private directory of yours; remove it, or set TMPDIR to another place"
        raise WorkspaceError(message)
