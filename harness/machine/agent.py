"""The guest's side of the command channel: runs the host's commands, over one virtio-serial port.

Runs in the guest as ``python3 -I agent.py /dev/virtio-ports/NAME``, as root, on Python's standard library alone (3.11
or later). The host imports the frame format from here, so that it is defined once.

Every frame is ``HEADER`` (session, kind, command id, payload length) and the payload. The session is a nonce
that the host draws for each connection. It distinguishes the present host's frames from those of a host that died or
that froze this guest; both sides skip frames of other sessions. A side that restarts first sends ``PREAMBLE``, as
many zeros as the longest frame, which complete any frame that its predecessor left unfinished, then a HELLO.

Port semantics: drivers/char/virtio_console.c. A read gives b"" while no host is connected; a poll keeps
saying so, hence the edge-triggered epoll. A fork and exec costs 30 ms in an emulated guest, so setting the clock and
feeding the random number generator, which each thaw needs, are done here instead of by commands.
"""

from __future__ import annotations

import contextlib
import enum
import fcntl
import json
import os
import pwd
import select
import signal
import struct
import subprocess
import sys
import time
from collections import deque
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEADER = struct.Struct("!8sBII")
LIMIT = 1 << 16  # maximum bytes in a payload
WINDOW = 1 << 18  # bytes of stdin that the host may send ahead of TAKEN
ANYONE = b"\xffPGGATE\xff"  # the session of a HELLO, which starts one
PREAMBLE = bytes(HEADER.size + LIMIT)
FROZEN = Path("/run/pg-archive-gate.frozen")  # the nonce a template was frozen with, in RAM alone

_BACKLOG = 1 << 18  # bytes queued for the host above which no more output is read
_PATH = "/run/current-system/sw/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_RNDADDENTROPY, _RNDRESEEDCRNG = 0x40085203, 0x5207  # linux/random.h


class Kind(enum.IntEnum):
    """Kinds of frame; the first group go to the guest, the second to the host."""

    HELLO = 1  # to the guest: the new session; to the host: JSON of boot_id and frozen, or empty: "I just started"
    EXEC = 2  # JSON: argv, stdin (is there any?), user, cwd, env
    STDIN = 3  # bytes; none: the end
    KILL = 4  # the command's process group
    CLOCK = 5  # a double: seconds since the epoch; ends in EXIT
    ENTROPY = 6  # bytes for the kernel's random number generator; ends in EXIT

    OUT = 16
    ERR = 17
    TAKEN = 18  # how many bytes of stdin the command took
    EXIT = 19  # a signed status, negative for a signal; the last frame of a command


Frame = tuple[Kind, int, bytes]
_KINDS = frozenset(Kind)


def frame(session: bytes, kind: Kind, command: int = 0, payload: bytes = b"") -> bytes:
    """Lay out one frame. Raises ValueError if the payload is longer than LIMIT."""
    if len(payload) > LIMIT:
        message = f"a {kind.name} frame of {len(payload)} bytes is over {LIMIT}; send long input through stdin"
        raise ValueError(message)
    return HEADER.pack(session, kind, command, len(payload)) + payload


class Frames:
    """Splits a stream into the frames of the accepted sessions, and skips everything else."""

    def __init__(self, *accepted: bytes) -> None:
        self.accepted = accepted
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that ``data`` completes; ``accepted`` may change in between."""
        self._buffer += data
        while len(self._buffer) >= HEADER.size:
            session, kind, command, length = HEADER.unpack_from(self._buffer)
            if session not in self.accepted or kind not in _KINDS or length > LIMIT:
                self._skip()
            elif len(self._buffer) < HEADER.size + length:
                return
            else:
                payload = bytes(self._buffer[HEADER.size : HEADER.size + length])
                del self._buffer[: HEADER.size + length]
                yield Kind(kind), command, payload

    def _skip(self) -> None:
        """Skip to where an accepted session may begin."""
        found = [at for at in (self._buffer.find(session, 1) for session in self.accepted) if at > 0]
        del self._buffer[: min(found, default=len(self._buffer) - len(ANYONE) + 1)]


class Command:
    """A requested process group, and the stdin it has not taken yet."""

    def __init__(self, number: int, process: subprocess.Popen[bytes]) -> None:
        self.number = number
        self.process = process
        self.input: deque[bytes] = deque()
        self.orphan = False  # its host is gone: its output is not needed

    def kill(self) -> None:
        """Kill the process group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


class Agent:
    """Serves one port until killed."""

    def __init__(self, port: int) -> None:
        os.set_blocking(port, False)
        self._port = port
        self._session = b""
        self._frames = Frames(ANYONE)
        self._commands: dict[int, Command] = {}
        self._outgoing = bytearray(PREAMBLE + frame(ANYONE, Kind.HELLO))
        self._handlers: dict[int, Callable[[], None]] = {}
        self._held: set[int] = set()  # descriptors not read because the host is behind
        self._poll = select.epoll()
        self._poll.register(port, select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)

    def serve(self) -> None:
        """Serve until killed."""
        self._write()
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor == self._port:
                    self._read()
                elif descriptor in self._handlers:  # an earlier one of this round may have dropped it
                    self._handlers[descriptor]()
            self._write()

    # The port

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._port, LIMIT)
            except BlockingIOError:
                return
            if not data:
                self._begin(b"")
                return
            for kind, number, payload in self._frames.feed(data):
                self._take(kind, number, payload)

    def _write(self) -> None:
        while self._outgoing:
            try:
                del self._outgoing[: os.write(self._port, self._outgoing[:LIMIT])]
            except BlockingIOError:
                break
        if len(self._outgoing) < _BACKLOG:
            for descriptor in self._held:
                self._poll.register(descriptor, select.EPOLLIN)
            self._held.clear()

    def _send(self, kind: Kind, number: int, payload: bytes = b"") -> None:
        self._outgoing += frame(self._session, kind, number, payload)

    def _begin(self, session: bytes) -> None:
        """Switch from the present session, whose commands die, to another; none: the host is gone."""
        for command in self._commands.values():
            command.orphan = True
            command.kill()
        self._commands.clear()
        self._session = session
        self._frames.accepted = (ANYONE, session) if session else (ANYONE,)
        self._outgoing.clear()

    def _take(self, kind: Kind, number: int, payload: bytes) -> None:
        if kind is Kind.HELLO:
            if payload != self._session:
                self._begin(payload)
            self._send(kind, 0, json.dumps(_who_am_i()).encode())
        elif kind is Kind.EXEC:
            self._answer(number, partial(self._exec, number, payload))
        elif kind is Kind.CLOCK:
            self._answer(number, partial(_set_clock, *struct.unpack("!d", payload)))
        elif kind is Kind.ENTROPY:
            self._answer(number, partial(_add_entropy, payload))
        elif command := self._commands.get(number):
            if kind is Kind.KILL:
                command.kill()
            elif kind is Kind.STDIN:
                self._queue_input(command, payload)

    def _answer(self, number: int, do: Callable[[], int | None]) -> None:
        """Execute it; send its status, if known already. Failures are reported as a shell would."""
        try:
            status = do()
        except json.JSONDecodeError:  # the frame's second half never came: its host is gone
            self._begin(b"")
            return
        except (OSError, KeyError) as error:
            why = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) else error.args[0]
            self._send(Kind.ERR, number, f"pg-archive-gate: {why}\n".encode())
            status = 127 if isinstance(error, FileNotFoundError) else 126
        if status is not None:
            self._send(Kind.EXIT, number, struct.pack("!i", status))

    # Commands

    def _exec(self, number: int, payload: bytes) -> None:
        spec = json.loads(payload)
        user = pwd.getpwnam(spec["user"]) if spec["user"] else pwd.getpwuid(os.geteuid())
        environment = {"PATH": _PATH, "HOME": user.pw_dir, "LANG": "C.UTF-8", "USER": user.pw_name}
        becoming: dict[str, Any] = {}
        if user.pw_uid != os.geteuid():
            groups = os.getgrouplist(user.pw_name, user.pw_gid)
            becoming = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": groups}
        process = subprocess.Popen(
            spec["argv"],
            stdin=subprocess.PIPE if spec["stdin"] else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=spec["cwd"],
            env=environment | spec["env"],
            bufsize=0,
            start_new_session=True,
            **becoming,
        )
        command = self._commands[number] = Command(number, process)
        for pipe in filter(None, (process.stdin, process.stdout, process.stderr)):
            os.set_blocking(_fd(pipe), False)
        for stream, kind in ((process.stdout, Kind.OUT), (process.stderr, Kind.ERR)):
            self._watch(_fd(stream), partial(self._copy_output, command, stream, kind))
        end = os.pidfd_open(process.pid)
        self._watch(end, partial(self._reap, command, end))

    def _watch(self, descriptor: int, handler: Callable[[], None], events: int = select.EPOLLIN) -> None:
        self._handlers[descriptor] = handler
        self._poll.register(descriptor, events)

    def _drop(self, stream: Any) -> None:
        """Close a pipe to or from a command."""
        if stream is None or stream.closed:
            return
        descriptor = _fd(stream)
        if self._handlers.pop(descriptor, None) and descriptor not in self._held:
            self._poll.unregister(descriptor)
        self._held.discard(descriptor)
        stream.close()

    def _copy_output(self, command: Command, stream: Any, kind: Kind) -> None:
        try:
            data = os.read(_fd(stream), LIMIT)
        except BlockingIOError:
            return
        if not data:
            self._drop(stream)
        elif not command.orphan:
            self._send(kind, command.number, data)
            if len(self._outgoing) >= _BACKLOG:
                self._held.add(_fd(stream))
                self._poll.unregister(_fd(stream))

    def _queue_input(self, command: Command, data: bytes) -> None:
        stream = command.process.stdin
        if stream is None or stream.closed:  # it has closed its stdin
            return
        command.input.append(data)
        if _fd(stream) not in self._handlers:
            self._watch(_fd(stream), partial(self._copy_input, command, stream), select.EPOLLOUT)

    def _copy_input(self, command: Command, stream: Any) -> None:
        data = command.input.popleft()
        try:
            count = os.write(_fd(stream), data)
        except BlockingIOError:
            count = 0
        except BrokenPipeError:
            data, count = b"", 0
        if not data:
            self._drop(stream)
            return
        if not command.orphan:
            self._send(Kind.TAKEN, command.number, struct.pack("!I", count))
        if rest := data[count:]:
            command.input.appendleft(rest)
        elif not command.input:
            self._poll.unregister(_fd(stream))
            del self._handlers[_fd(stream)]

    def _reap(self, command: Command, end: int) -> None:
        """Send what the ended process left in its pipes, without waiting for its children's output."""
        status = command.process.poll()
        if status is None:
            return
        del self._handlers[end]
        self._poll.unregister(end)
        os.close(end)
        for stream, kind in ((command.process.stdout, Kind.OUT), (command.process.stderr, Kind.ERR)):
            if stream and not stream.closed:
                for data in _rest(_fd(stream)):
                    if not command.orphan:
                        self._send(kind, command.number, data)
            self._drop(stream)
        self._drop(command.process.stdin)
        if not command.orphan:
            del self._commands[command.number]
            self._send(Kind.EXIT, command.number, struct.pack("!i", status))


def _fd(stream: Any) -> int:
    return int(stream.fileno())


def _rest(pipe: int) -> Iterator[bytes]:
    """Yield what a pipe contains, and no more than it can hold: children may go on to write."""
    left = fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ)
    with contextlib.suppress(BlockingIOError):
        while left > 0 and (data := os.read(pipe, LIMIT)):
            left -= len(data)
            yield data


def _who_am_i() -> dict[str, str]:
    boot_id = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return {"boot_id": boot_id, "frozen": FROZEN.read_text() if FROZEN.exists() else ""}


def _set_clock(seconds: float) -> int:
    time.clock_settime(time.CLOCK_REALTIME, seconds)
    return 0


def _add_entropy(seed: bytes) -> int:
    with Path("/dev/urandom").open("wb") as device:
        fcntl.ioctl(device, _RNDADDENTROPY, struct.pack("ii", 8 * len(seed), len(seed)) + seed)
        fcntl.ioctl(device, _RNDRESEEDCRNG)
    return 0


if __name__ == "__main__":
    Agent(os.open(sys.argv[1], os.O_RDWR | os.O_NONBLOCK)).serve()
