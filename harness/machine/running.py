"""A command running in the guest."""

from __future__ import annotations

import io
import struct
from typing import IO, TYPE_CHECKING, Protocol

from harness.host.deadline import Deadline
from harness.machine.agent import LIMIT, WINDOW, Kind
from harness.machine.errors import CommandDeadline
from harness.machine.result import CommandResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.machine.vitals import Vitals


class Carrier(Protocol):
    """What carries a command's frames to the guest; :class:`harness.machine.channel.Channel` is one."""

    @property
    def vitals(self) -> Vitals:
        """Whether the guest lives."""

    def send(self, kind: Kind, number: int, payload: bytes, deadline: Deadline) -> None:
        """Send a frame. Raises what ``RunningCommand.read`` raises."""

    def wait(self, happened: Callable[[], bool], deadline: Deadline) -> bool:
        """Wait until ``happened()``; False if the deadline passes first. Raises what ``RunningCommand.read`` raises."""

    def abandon(self, running: RunningCommand) -> None:
        """Kill a command that nobody waits for any more, if the guest can still be told."""


class RunningCommand:
    """Started by ``Channel.start``; fed with frames by the channel's reader."""

    def __init__(self, channel: Carrier, number: int, said: str) -> None:
        self.number = number
        self._channel = channel
        self._said = said  # the command, for error messages
        self._stdout = bytearray()
        self._stderr = bytearray()
        self._read = 0
        self._ahead = 0  # bytes of stdin sent and not taken yet
        self._status: int | None = None

    def take(self, kind: Kind, payload: bytes) -> None:
        """Handle a frame from the guest; the channel calls this."""
        if kind is Kind.OUT:
            self._stdout += payload
        elif kind is Kind.ERR:
            self._stderr += payload
        elif kind is Kind.TAKEN:
            self._ahead -= int.from_bytes(payload, "big")
        elif kind is Kind.EXIT:
            (status,) = struct.unpack("!i", payload)
            self._status = status if status >= 0 else 128 - status

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._status is not None

    def read(self, timeout: float) -> bytes:
        """Return the next stdout, waiting for some; b"" when the command has ended.

        Raises:
            CommandDeadline: nothing came for ``timeout`` seconds. The command is killed.
            GuestDied, KernelPanic, ChannelLost: there is nobody to read from.
        """
        self._await(lambda: self.ended or len(self._stdout) > self._read, Deadline(timeout))
        fresh = bytes(self._stdout[self._read :])
        self._read += len(fresh)
        return fresh

    def wait(self, timeout: float) -> CommandResult:
        """Wait for the end. Raises what ``read`` raises, after ``timeout`` seconds in all."""
        return self.finish(Deadline(timeout))

    def finish(self, deadline: Deadline) -> CommandResult:
        """``wait``, with a deadline that is already running."""
        self._await(lambda: self.ended, deadline)
        return CommandResult(self._status or 0, bytes(self._stdout), bytes(self._stderr))

    def feed(self, data: bytes | IO[bytes], deadline: Deadline) -> None:
        """Send all its stdin, no faster than it is taken. Raises what ``read`` raises, and what reading a file does."""
        file = io.BytesIO(data) if isinstance(data, bytes) else data
        while chunk := file.read(LIMIT):
            self._await(lambda: self.ended or self._ahead <= WINDOW - LIMIT, deadline)
            if self.ended:
                return
            self._ahead += len(chunk)
            self._channel.send(Kind.STDIN, self.number, chunk, deadline)
        self._channel.send(Kind.STDIN, self.number, b"", deadline)

    def kill(self) -> None:
        """Kill its process group; ``wait`` then returns status 137."""
        if not self.ended:
            self._channel.send(Kind.KILL, self.number, b"", Deadline(5))

    def _await(self, happened: Callable[[], bool], deadline: Deadline) -> None:
        if not self._channel.wait(happened, deadline):
            self._channel.abandon(self)
            vitals = self._channel.vitals
            message = f"killed after {deadline.seconds:g} s, its deadline{vitals.excuse()}: {self._said}"
            raise CommandDeadline(message, vitals.tail(), bytes(self._stdout), bytes(self._stderr))
