"""The host's side of the command channel."""

from __future__ import annotations

import contextlib
import json
import secrets
import select
import shlex
import socket
import struct
import threading
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from harness.host.deadline import Deadline
from harness.machine.agent import ANYONE, PREAMBLE, Frames, Kind, frame
from harness.machine.errors import ChannelLost, CommandFailed, MachineError
from harness.machine.running import RunningCommand
from harness.machine.vitals import PULSE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.machine.result import CommandResult
    from harness.machine.vitals import Vitals

_CLOSED = "the command channel is closed"
_SAID = 200  # characters of a command that an error quotes


@dataclass(frozen=True)
class Greeting:
    """The guest's identity: the kernel's boot id, and the nonce of the template it was thawed from ("" if none)."""

    boot_id: str
    frozen: str


class Channel:
    """Runs commands in a guest over a connected stream socket, several at once, from any thread.

    A thread reads; waits check ``vitals`` regularly. ``open`` it before use; until an agent answers, that calls
    ``rescue`` repeatedly, which may start one, and whose errors it raises.
    """

    def __init__(
        self, stream: socket.socket, vitals: Vitals, *, rescue: Callable[[Deadline], None] = lambda _: None
    ) -> None:
        self.vitals = vitals
        self._rescue = rescue
        self._stream = stream
        self._session = b""
        self._frames = Frames(ANYONE)
        self._greeting: Greeting | None = None
        self._newcomers = 0  # agents that reported a start
        self._lost = "the command channel has not been opened"
        self._commands: dict[int, RunningCommand] = {}
        self._number = 0
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._shut = False  # by the other side; the reader that saw it may still be running
        self._reader = threading.Thread(target=self._read, name="command channel", daemon=True)
        self._reader.start()

    def open(self, deadline: Deadline, *, after_restart: bool = False, thawed: bool = False) -> Greeting:
        """Begin a session with the guest's agent, once there is one (``after_restart``: a new one).

        ``thawed``: it was frozen between two frames, so no preamble is needed to complete a half frame.

        Raises:
            ChannelLost: nobody answered in time.
            GuestDied, KernelPanic: nobody ever will.
        """
        session = secrets.token_bytes(len(ANYONE))
        with self._changed:
            newcomers = self._newcomers
            self._lost = "the guest is starting"
            self._commands.clear()
            self._changed.notify_all()
        if after_restart:
            self._wait_for_agent(lambda: self._newcomers > newcomers, deadline, "the guest did not come up again")
        with self._changed:
            self._session = session
            self._frames.accepted = (ANYONE, session)
            self._greeting = None
        if not thawed:
            self._transmit(PREAMBLE, deadline)
        while self._greeting is None:
            # If an agent dies between reading our HELLO and answering, its successor reports a start.
            newcomers = self._newcomers
            self._transmit(frame(ANYONE, Kind.HELLO, 0, session), deadline)
            self._wait_for_agent(
                lambda: self._greeting is not None or self._newcomers > newcomers,  # noqa: B023 - called in this round
                deadline,
                "the guest's agent did not answer",
            )
        self._lost = ""
        return self._greeting

    def run(
        self,
        command: str | Sequence[str],
        *,
        timeout: float = 60,
        stdin: bytes | IO[bytes] = b"",
        user: str | None = None,
    ) -> CommandResult:
        """Run a command (a str: by ``bash -c``) and wait for its end.

        Waits for its process only: output of background processes is cut off. It runs in ``/`` with a clean
        environment. A program that cannot be started gives status 127 or 126 and a reason, as in a shell.

        Raises:
            CommandDeadline: it did not end within ``timeout`` seconds and was killed.
            GuestDied, KernelPanic, ChannelLost: how it ended is unknown.
        """
        deadline = Deadline(timeout)
        running = self._start(command, user, deadline, has_input=bool(stdin))
        if stdin:
            try:
                running.feed(stdin, deadline)
            except BaseException:  # a file that cannot be read
                self.abandon(running)
                raise
        return running.finish(deadline)

    def check(
        self,
        command: str | Sequence[str],
        *,
        timeout: float = 60,
        stdin: bytes | IO[bytes] = b"",
        user: str | None = None,
    ) -> CommandResult:
        """``run``; also raises CommandFailed if the status is not zero."""
        result = self.run(command, timeout=timeout, stdin=stdin, user=user)
        if result.status:
            said = (result.stderr.strip() or result.stdout.strip()).decode(errors="replace")
            message = f"status {result.status} from: {_say(command)}\n{said[-2000:]}"
            raise CommandFailed(message, self.vitals.tail())
        return result

    def start(self, command: str | Sequence[str], *, user: str | None = None) -> RunningCommand:
        """Start a command without stdin and return at once. Raises what ``run`` raises."""
        return self._start(command, user, Deadline(10), has_input=False)

    def set_clock(self, seconds: float, deadline: Deadline) -> None:
        """Set the guest's clock to ``seconds`` since the epoch. Raises MachineError if it refuses."""
        self._do(Kind.CLOCK, struct.pack("!d", seconds), deadline)

    def add_entropy(self, deadline: Deadline) -> None:
        """Feed and reseed the kernel's random number generator. Raises MachineError if it refuses."""
        self._do(Kind.ENTROPY, secrets.token_bytes(64), deadline)

    def close(self) -> None:
        """End the session; its commands are killed in the guest."""
        self._lost = self._lost or _CLOSED
        with contextlib.suppress(OSError):
            self._stream.shutdown(socket.SHUT_RDWR)
        self._reader.join(timeout=5)
        self._stream.close()

    # For RunningCommand

    def send(self, kind: Kind, number: int, payload: bytes, deadline: Deadline) -> None:
        """Send a frame of this session. Raises what ``run`` raises."""
        if self._lost:
            raise self._loss()
        self._transmit(frame(self._session, kind, number, payload), deadline)

    def wait(self, happened: Callable[[], bool], deadline: Deadline) -> bool:
        """Wait until ``happened()``; False if the deadline passes first. Raises what ``run`` raises."""
        return self._wait(happened, lambda: bool(self._lost), deadline)

    def abandon(self, running: RunningCommand) -> None:
        """Kill a command that nobody waits for any more, if the guest is still reachable."""
        with contextlib.suppress(MachineError):
            running.kill()
        with self._changed:
            self._commands.pop(running.number, None)

    # Own

    def _start(
        self, command: str | Sequence[str], user: str | None, deadline: Deadline, *, has_input: bool
    ) -> RunningCommand:
        argv = ["bash", "-c", command] if isinstance(command, str) else list(command)
        spec = {"argv": argv, "stdin": has_input, "user": user or "", "cwd": "/", "env": {}}
        return self._issue(Kind.EXEC, json.dumps(spec).encode(), deadline, said=_say(command))

    def _do(self, kind: Kind, payload: bytes, deadline: Deadline) -> None:
        result = self._issue(kind, payload, deadline, said=kind.name).finish(deadline)
        if result.status:
            message = f"the guest cannot do {kind.name}: {result.stderr.decode(errors='replace').strip()}"
            raise MachineError(message, self.vitals.tail())

    def _issue(self, kind: Kind, payload: bytes, deadline: Deadline, said: str) -> RunningCommand:
        with self._changed:
            self._number += 1
            running = RunningCommand(self, self._number, said)
            self._commands[running.number] = running
        self.send(kind, running.number, payload, deadline)
        return running

    def _transmit(self, data: bytes, deadline: Deadline) -> None:
        """Write all of it, or lose the session: anything after half a frame would be misread."""
        view = memoryview(data)
        poll = select.poll()
        poll.register(self._stream, select.POLLOUT)
        with self._sending:
            while view:
                try:
                    view = view[self._stream.send(view, socket.MSG_DONTWAIT) :]
                except BlockingIOError:
                    if deadline.passed:
                        self._lose("the guest does not read from the command channel")
                        self.vitals.check()
                        raise self._loss() from None
                    poll.poll(1000 * min(deadline.remaining(), PULSE))
                    self.vitals.check()
                except OSError as error:
                    self._lose(f"the command channel broke: {error.strerror}")
                    self.vitals.explain_silence()
                    raise self._loss() from None

    def _wait_for_agent(self, happened: Callable[[], bool], deadline: Deadline, otherwise: str) -> None:
        """Wait outside of any session."""
        while not self._wait(happened, lambda: self._shut, Deadline(min(PULSE, deadline.remaining()))):
            if deadline.passed:
                message = f"{otherwise} within {deadline.seconds:g} s{self.vitals.excuse()}"
                raise ChannelLost(message, self.vitals.tail())
            self._rescue(deadline)

    def _wait(self, happened: Callable[[], bool], hopeless: Callable[[], bool], deadline: Deadline) -> bool:
        with self._changed:
            while not happened():
                if hopeless():
                    raise self._loss()
                if deadline.passed:
                    self.vitals.check()
                    return False
                if not self._changed.wait(min(deadline.remaining(), PULSE)):
                    self.vitals.check()
        return True

    def _read(self) -> None:
        """Distribute incoming frames until the other side closes."""
        with contextlib.suppress(OSError):
            while data := self._stream.recv(1 << 18):
                with self._changed:
                    for kind, number, payload in self._frames.feed(data):
                        self._take(kind, number, payload)
                    self._changed.notify_all()
        self._shut = True
        self._lose("the command channel was closed from the other side")

    def _take(self, kind: Kind, number: int, payload: bytes) -> None:
        if kind is Kind.HELLO and payload:
            self._greeting = Greeting(**json.loads(payload))
        elif kind is Kind.HELLO:
            self._newcomers += 1
            self._lost = self._lost or "the guest's agent restarted: the guest rebooted, or the agent was killed"
        elif running := self._commands.get(number):
            running.take(kind, payload)
            if running.ended:
                del self._commands[number]

    def _lose(self, why: str) -> None:
        with self._changed:
            self._lost = self._lost or why
            self._changed.notify_all()

    def _loss(self) -> MachineError:
        """Return the error for a lost session; raises GuestDied or KernelPanic if that is why."""
        if self._shut and self._lost != _CLOSED:
            self.vitals.explain_silence()
        self.vitals.check()
        return ChannelLost(self._lost, self.vitals.tail())


def _say(command: str | Sequence[str]) -> str:
    said = command if isinstance(command, str) else shlex.join(command)
    return said if len(said) <= _SAID else f"{said[:_SAID]}…"
