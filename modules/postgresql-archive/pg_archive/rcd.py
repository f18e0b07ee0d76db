"""``rclone rcd``: one rclone for all that a run does, since each start of one costs as much as an upload.

It listens on a port of 127.0.0.1 and takes nothing without a password that only this process has; it is given the
password's hash through a file without a name. It ends with this program, however that ends. A call that is given up, by
closing its connection, ends in rclone too (measured: 1.60 and 1.75), so that one store's trouble is no other's.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pg_archive import loopback, process
from pg_archive.complaint import failure, message
from pg_archive.deadline import Deadline
from pg_archive.errors import DeadlinePassed, ProgramFailed

_COMMON = (
    "--retries=1",  # this program tries again itself, within its time
    "--low-level-retries=2",
    "--contimeout=15s",
    "--timeout=60s",  # without a byte
    "--stats=0",
    "--use-json-log",
    "--log-level=NOTICE",
    "--s3-no-check-bucket",  # a key that may not make buckets is fine
)
_SERVER = (
    "--rc-addr=127.0.0.1:0",
    "--rc-serve",
    "--rc-server-read-timeout=48h",  # of a whole request; its caller has a deadline
    "--rc-server-write-timeout=48h",
)
# No name of rclone's own for what is being uploaded, which would stay after a kill: the caller gives one. (rclone 1.63)
_ENVIRONMENT = {"RCLONE_INPLACE": "true"}
_OTHERS = ("RCLONE_RC", "RCLONE_LOG", "RCLONE_SYSLOG")  # variables for another daemon, or that hide its port from us
# rclone has no way to end with its parent. The shell's child waits for the end of a pipe that only this program holds.
_WITH_PARENT = """
{ read -r _ || { kill "$$"; sleep 5; kill -s KILL "$$"; }; } < "/proc/self/fd/$1" > /dev/null 2>&1 &
shift
exec "$@"
"""
_LAST_WORDS = 1.0  # seconds for what is on its way through a pipe
_END = 10.0  # seconds in which a program that has closed its stderr ends, on a busy host


class Unexplained(ProgramFailed):
    """A file cannot be opened, and rclone does not say why: :meth:`Rcd.reason` does."""


class Rcd:
    """rclone with one configuration file (None: its own default), started by the first call; any thread may call."""

    def __init__(self, config: Path | None) -> None:
        self._arguments = [] if config is None else [f"--config={config}"]
        self._starting = threading.Lock()
        self._running: _Daemon | None = None

    def call(self, step: str, deadline: Deadline, method: str, **parameters: object) -> Mapping[str, Any]:
        """Call a method as rclone.org/rc has it.

        Raises:
            NotFound: there is no such file or directory.
            ProgramFailed: rclone failed.
            DeadlinePassed, Stopped: as :mod:`pg_archive.process`.
        """
        daemon = self._daemon(step, deadline)
        content = json.dumps(parameters).encode()
        headers = {"Content-Type": "application/json"}
        with _asked(daemon, step, deadline, "POST", f"/{method}", headers, content) as answer:
            body = b"".join(answer.chunks())
        if answer.status != 200:
            raise _refused(step, answer.status, body)
        try:
            found: Mapping[str, Any] = json.loads(body)
        except ValueError:  # rclone announces the length of short answers only
            raise failure(step, "rclone broke off: its answer is cut off") from None
        return found

    def stream(self, step: str, deadline: Deadline, fs: str, name: str, offset: int = 0) -> Iterator[bytes]:
        """Yield a file's bytes from ``offset`` on as they arrive. Raises what :meth:`call` raises."""
        root, inside, rest = fs.partition("]")  # with which the root ends in the path
        if inside:
            root, slash, last = root.rpartition("/")
            root, rest = f"{root}{slash}", f"{last}]{rest}"
        path = f"/{quote(f'[{root}]{rest}{name}')}"
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        daemon = self._daemon(step, deadline)
        with _asked(daemon, step, deadline, "GET", path, headers, b"") as answer:
            if answer.status != (206 if offset else 200):
                raise _refused(step, answer.status, b"".join(answer.chunks()))
            yield from answer.chunks()

    def reason(self, step: str, deadline: Deadline, *command: str) -> str:
        """Run a command by an rclone of its own, and return what that complains of; "" if it succeeds."""
        finished = process.run(["rclone", *_COMMON, *self._arguments, *command], step=step, deadline=deadline)
        said = [line for line in map(message, finished.stderr) if line]
        return said[-1] if finished.status and said else ""

    def _daemon(self, step: str, deadline: Deadline) -> _Daemon:
        """Return the one that runs, or start one."""
        if not self._starting.acquire(timeout=deadline.left):
            raise DeadlinePassed(step, "rclone did not start in time")
        try:
            if self._running is not None and self._running.ended():
                self._running.close()
                self._running = None
            if self._running is None:
                self._running = _Daemon(self._arguments, step, deadline)
            return self._running
        finally:
            self._starting.release()


@contextmanager
def _asked(
    daemon: _Daemon,
    step: str,
    deadline: Deadline,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
) -> Iterator[loopback.Answer]:
    headers = {"Authorization": daemon.authorization, **headers}
    try:
        with loopback.request(daemon.port, method, path, headers, body, deadline) as answer:
            yield answer
    except TimeoutError:
        process.check_stopping(step)
        raise DeadlinePassed(step, "rclone did not end in time and was stopped") from None
    except OSError as error:
        process.check_stopping(step)
        if daemon.ended(_LAST_WORDS):
            raise failure(step, daemon.last_words) from None
        raise failure(step, f"rclone broke off: {error}") from None


@cache
def shared(config: Path | None) -> Rcd:
    """Return this program's one for a configuration."""
    return Rcd(config)


class _Daemon:
    """A running one: its port, its password, its log."""

    def __init__(self, arguments: list[str], step: str, deadline: Deadline) -> None:
        if shutil.which("rclone") is None:  # the shell would say so in its own words
            raise process.cannot_start(step, "rclone", "No such file or directory")
        password = os.urandom(32).hex()
        self.authorization = f"Basic {_base64(f'pg-archive:{password}'.encode())}"
        self.log = _Log()
        reading, writing = os.pipe()
        self._alive = open(writing, "wb", buffering=0)  # noqa: PTH123, SIM115 - a descriptor; open while rclone runs
        file = os.memfd_create("htpasswd")
        try:
            digest = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
            os.write(file, f"pg-archive:{{SHA}}{_base64(digest)}\n".encode())
            rclone = ["rclone", "rcd", *_COMMON, *_SERVER, f"--rc-htpasswd=/proc/self/fd/{file}", *arguments]
            self._child = process.start(
                ["/bin/sh", "-c", _WITH_PARENT, "sh", str(reading), *rclone],
                step=step,
                deadline=None,
                stdout=subprocess.DEVNULL,
                pass_fds=[reading, file],
                environment=_ENVIRONMENT,
                without=_OTHERS,
                on_line=self._take,
            )
        finally:
            os.close(reading)
            os.close(file)
        try:
            self.port = self._wait_for_port(step, deadline)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End it, if it has not ended."""
        process.end(self._child)

    @property
    def last_words(self) -> str:
        """Why it has ended."""
        status = self._child.process.returncode
        if status is not None and status < 0:
            return f"rclone was ended by signal {-status}"
        return self.log.last or f"rclone ended with status {status} and said nothing"

    def ended(self, within: float = 0) -> bool:
        """Whether it has ended, or does so within some seconds."""
        with suppress(subprocess.TimeoutExpired):
            self._child.process.wait(within)
        return self._child.process.returncode is not None

    def _take(self, line: str | None) -> None:
        self.log.take(line)
        if line is None:  # it has ended, and the number of its process is free for another: nothing is to be killed
            with suppress(OSError), self._alive:
                self._alive.write(b"\n")

    def _wait_for_port(self, step: str, deadline: Deadline) -> int:
        in_time = self.log.listening.wait(deadline.left)
        process.check_stopping(step)
        if not in_time:
            raise DeadlinePassed(step, "rclone did not start in time")
        if self.log.port is None:
            self.ended(_END)
            raise failure(step, self.last_words)
        return self.log.port


class _Log:
    """What it writes to stderr: its port, and the last line of anything else."""

    def __init__(self) -> None:
        self.port: int | None = None
        self.last = ""
        self.listening = threading.Event()
        """Set when the port is known, and when there will be none."""

    def take(self, line: str | None) -> None:
        """Take a line; None after the last."""
        if line is None:
            self.listening.set()
            return
        said = message(line)
        if self.port is None and (found := re.search(r"http://127\.0\.0\.1:(\d+)/", said)):
            self.port = int(found[1])
            self.listening.set()
        else:
            self.last = said.strip() or self.last


def _refused(step: str, status: int, body: bytes) -> ProgramFailed:
    try:
        cause = str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return Unexplained(step, f"rclone answered with status {status}")
    return failure(step, cause, found=status != 404 or "find method" in cause)


def _base64(content: bytes) -> str:
    return binascii.b2a_base64(content, newline=False).decode("ascii")
