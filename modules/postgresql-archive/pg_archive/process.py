"""Child processes: each with a deadline, the end of its stderr kept, all ended by one call.

``stop`` ends every child and refuses further ones; a signal handler may call it, threads may run children.
"""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any

from pg_archive.deadline import Deadline
from pg_archive.errors import DeadlinePassed, ProgramFailed, Stopped

_TAIL = 50  # lines of stderr
_GRACE = 2.0  # seconds between SIGTERM and SIGKILL; rclone aborts multipart uploads in that time
_LAST_WORDS = 10.0  # seconds for the rest of stderr, on a busy host

stopping = threading.Event()
"""Set once the program must end; sleep with ``stopping.wait(seconds)``."""
_running: set[Child] = set()
_lock = threading.Lock()
_starting: set[int] = set()  # threads that are starting a child


def stop() -> None:
    """End all children, and let no new one start."""
    stopping.set()
    for child in tuple(_running):
        child.end(signal.SIGTERM)


def interruptible() -> bool:
    """Whether an exception may come from nowhere in this thread: a child that it is starting would be lost."""
    return threading.get_ident() not in _starting


def check_stopping(step: str) -> None:
    """See that the program is not ending.

    Raises:
        Stopped: it is.
    """
    if stopping.is_set():
        raise Stopped(step, "stopped by a signal")


class Child:
    """A running program."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        step: str,
        deadline: Deadline | None,
        on_line: Callable[[str | None], None] | None = None,
    ) -> None:
        self.process = process
        self.step = step
        self.timed_out = False
        self._lines: deque[str] = deque(maxlen=_TAIL)
        self._on_line = on_line
        self._drain = threading.Thread(target=self._read_stderr, daemon=True)
        self._drain.start()
        self._timer = None if deadline is None else threading.Timer(deadline.left, self._time_is_up)
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()

    @property
    def stdin(self) -> IO[bytes]:
        """Its standard input, if it was asked for as a pipe."""
        assert self.process.stdin is not None
        return self.process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """Its standard output."""
        assert self.process.stdout is not None
        return self.process.stdout

    def end(self, number: signal.Signals) -> None:
        """Signal its process group."""
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def wait(self) -> Finished:
        """Wait for its end.

        Raises:
            DeadlinePassed: it was killed at the deadline.
            Stopped: it was ended by :func:`stop`.
        """
        status = self.process.wait()
        self._drain.join(_LAST_WORDS)
        check_stopping(self.step)
        if self.timed_out:
            raise DeadlinePassed(self.step, f"{self.process.args[0]!s} did not end in time and was killed")  # type: ignore[index]
        return Finished(status, b"", tuple(self._lines))

    def close(self) -> None:
        """End it if it still runs, and free everything."""
        if self._timer is not None:
            self._timer.cancel()
        if self.process.poll() is None:
            self.end(signal.SIGTERM)
            try:
                self.process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                self.end(signal.SIGKILL)
                self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._drain.join(_GRACE)
        assert self.process.stderr is not None
        self.process.stderr.close()

    def _time_is_up(self) -> None:
        if self.process.returncode is not None:  # it has ended just now
            return
        self.timed_out = True
        self.end(signal.SIGTERM)
        try:
            self.process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self.end(signal.SIGKILL)

    def _read_stderr(self) -> None:
        assert self.process.stderr is not None
        with suppress(ValueError, OSError):
            for line in self.process.stderr:
                self._lines.append(line.decode("utf-8", "replace").rstrip())
                if self._on_line:
                    self._on_line(self._lines[-1])
        if self._on_line:
            self._on_line(None)


@dataclass(frozen=True)
class Finished:
    """A child that ended: exit status (negative: the signal), stdout, the last lines of stderr."""

    status: int
    stdout: bytes
    stderr: tuple[str, ...]


def start(
    arguments: Sequence[str],
    *,
    step: str,
    deadline: Deadline | None,
    stdin: int = subprocess.DEVNULL,
    stdout: int | IO[bytes] = subprocess.PIPE,
    pass_fds: Sequence[int] = (),
    environment: Mapping[str, str] | None = None,
    without: tuple[str, ...] = (),
    user: str | None = None,
    on_line: Callable[[str | None], None] | None = None,
) -> Child:
    """Start a program that runs until :func:`end`, or :func:`end_all`, or the deadline, if it has one.

    ``environment`` is added to this program's, of which variables that start as one of ``without`` are left out.
    ``user`` names whom root runs it as. ``on_line`` gets each line of its stderr in a thread, and None after the last.

    Raises:
        ProgramFailed: it cannot be started.
        DeadlinePassed: the time was already up.
        Stopped: the program is ending.
    """
    check_stopping(step)
    if deadline is not None and deadline.passed:
        raise DeadlinePassed(step, f"no time is left to start {arguments[0]}")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(without)}
    _starting.add(threading.get_ident())
    try:
        process = subprocess.Popen(
            list(arguments),
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            pass_fds=tuple(pass_fds),
            env={**kept, "LC_ALL": "C", **(environment or {})},
            start_new_session=True,
            **identity(user),
        )
    except OSError as error:
        raise cannot_start(step, arguments[0], error.strerror) from None
    else:
        running = Child(process, step, deadline, on_line)
        with _lock:
            _running.add(running)
    finally:
        _starting.discard(threading.get_ident())
    try:
        check_stopping(step)  # set between the look and the start
    except Stopped:
        end(running)
        raise
    return running


def cannot_start(step: str, program: str, why: str | None) -> ProgramFailed:
    """Return the error for a program that is missing, or no program."""
    return ProgramFailed(step, f"{program} cannot be started: {why}", f"install {program}, or mend PATH")


def end(child: Child) -> None:
    """End a child if it still runs, and free everything."""
    child.close()
    with _lock:
        _running.discard(child)


def end_all() -> None:
    """End all children: what is last on each way out."""
    for each in tuple(_running):
        end(each)


@contextmanager
def child(
    arguments: Sequence[str],
    *,
    step: str,
    deadline: Deadline,
    stdin: int = subprocess.DEVNULL,
    stdout: int | IO[bytes] = subprocess.PIPE,
    pass_fds: Sequence[int] = (),
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
) -> Iterator[Child]:
    """Run a program beside the body, which reads ``stdout`` and calls ``wait``; it is over when the body is.

    ``environment`` is added to this program's. ``user`` names whom root runs it as.

    Raises what :func:`start` raises.
    """
    running = start(
        arguments,
        step=step,
        deadline=deadline,
        stdin=stdin,
        stdout=stdout,
        pass_fds=pass_fds,
        environment=environment,
        user=user,
    )
    try:
        yield running
    finally:
        end(running)


def identity(user: str | None) -> dict[str, Any]:
    """Return what makes subprocess run a program as ``user``; nothing for None."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": os.getgrouplist(user, entry.pw_gid)}


def run(
    arguments: Sequence[str],
    *,
    step: str,
    deadline: Deadline,
    message: bytes = b"",
    pass_fds: Sequence[int] = (),
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
) -> Finished:
    """Run a program to its end and return its output, whatever its exit status; for small output.

    Raises what :func:`child` and :meth:`Child.wait` raise.
    """
    with child(
        arguments,
        step=step,
        deadline=deadline,
        stdin=subprocess.PIPE,
        pass_fds=pass_fds,
        environment=environment,
        user=user,
    ) as running:
        writer = feed(running, lambda: iter((message,)))
        output = running.stdout.read()
        writer.join()
        finished = running.wait()
    return Finished(finished.status, output, finished.stderr)


class Writer:
    """Writes to a child's stdin in a thread, and closes it; a child that stops reading ends that silently."""

    def __init__(self, running: Child, chunks: Callable[[], Iterator[bytes]]) -> None:
        self._running = running
        self._chunks = chunks
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait for the end; raise what the source of the chunks raised, for which the child was killed."""
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _write(self) -> None:
        with suppress(BrokenPipeError, ValueError), self._running.stdin as pipe:
            for chunk in self._all():
                pipe.write(chunk)

    def _all(self) -> Iterator[bytes]:
        try:
            yield from self._chunks()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is for whoever joins
            self._failure = error
            self._running.end(signal.SIGKILL)  # before the pipe is closed, which would look like a good end


def feed(running: Child, chunks: Callable[[], Iterator[bytes]]) -> Writer:
    """Write ``chunks`` to its stdin and close it, beside the caller, who joins what this returns."""
    return Writer(running, chunks)
