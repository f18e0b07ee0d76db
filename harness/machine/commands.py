"""What the command channel offers in a guest."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING

from harness.host.deadline import Deadline
from harness.machine.errors import UnitFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from testinfra.host import Host

    from harness.machine.channel import Channel
    from harness.machine.result import CommandResult
    from harness.machine.running import RunningCommand

_CLOCK_ERROR = 0.05  # seconds
_CLOCK_ATTEMPTS = 10
_CLOCK_LIMIT = 30.0  # seconds


class Commands(ABC):
    """Commands, files, units and the clock of a guest. Everything raises what ``Channel.run`` raises."""

    @property
    @abstractmethod
    def channel(self) -> Channel:
        """The open command channel."""

    def run(
        self,
        command: str | Sequence[str],
        *,
        timeout: float = 60,
        stdin: bytes | IO[bytes] = b"",
        user: str | None = None,
    ) -> CommandResult:
        """Run a command as root or ``user`` and return how it ended; see ``Channel.run``."""
        return self.channel.run(command, timeout=timeout, stdin=stdin, user=user)

    def check(
        self,
        command: str | Sequence[str],
        *,
        timeout: float = 60,
        stdin: bytes | IO[bytes] = b"",
        user: str | None = None,
    ) -> CommandResult:
        """``run``; raises CommandFailed if the status is not zero.

        That is trouble of the harness. For what depends on the module, use ``run`` and assert its status.
        """
        return self.channel.check(command, timeout=timeout, stdin=stdin, user=user)

    def start(self, command: str | Sequence[str], *, user: str | None = None) -> RunningCommand:
        """Start a command and leave it running; see ``Channel.start``."""
        return self.channel.start(command, user=user)

    def push(self, content: bytes | Path, guest_path: str, *, mode: int = 0o644, owner: str = "root") -> None:
        """Write a file in the guest, parent directories included; it is never more open than ``mode``.

        ``owner`` is ``user`` or ``user:group``. Above some MB, let the guest fetch it over HTTP from 10.0.2.2.
        """
        user, _, group = owner.partition(":")
        ownership = ["-o", user, "-g", group] if group else ["-o", user]
        # install(1) creates the file 0600 and widens it last. One process: each costs 30 ms in an emulated guest.
        command = ["install", "-D", "-m", f"{mode:o}", *ownership, "/dev/stdin", guest_path]
        if isinstance(content, bytes):
            self.check(command, stdin=content)
            return
        with content.open("rb") as file:
            self.check(command, stdin=file)

    def pull(self, guest_path: str) -> bytes:
        """Return a guest file's content. Raises what ``check`` raises if it cannot be read."""
        return self.check(["cat", "--", guest_path]).stdout

    def files(self, *directories: str) -> set[str]:
        """Return the paths of all files below the directories; a directory that does not exist has none."""
        found = self.run(["find", *directories, "-type", "f", "-print0"]).stdout
        return set(found.decode(errors="replace").split("\0")) - {""}

    def wait_for_unit(self, name: str, timeout: float = 60) -> None:
        """Wait until a unit is active.

        Raises:
            UnitFailed: it failed, or was not active after ``timeout`` seconds. The message has its journal's end.
        """
        deadline = Deadline(timeout)
        show = ["systemctl", "show", "--value", "--property=LoadState", "--property=ActiveState", name]
        while True:
            loaded, state = self.check(show).text.split()
            if state == "active":
                return
            if loaded != "loaded":
                message = f"unit {name} cannot start: it is {loaded}"
                raise UnitFailed(message, self.channel.vitals.tail())
            if state == "failed" or deadline.passed:
                said = self.run(["journalctl", "-q", "-n", "15", "-o", "cat", "-u", name]).text
                what = "failed" if state == "failed" else f"is {state} after {timeout:g} s"
                message = f"unit {name} {what}; its journal ends with:\n{said}"
                raise UnitFailed(message, self.channel.vitals.tail())
            time.sleep(min(0.1, deadline.remaining()))

    def set_clock(self, moment: datetime | None = None) -> None:
        """Set the guest's clock to ``moment``, by default to the host's present time.

        Exact to 50 ms, unless the host is so busy that none of ten attempts is answered within that time.
        """
        began = time.monotonic()
        wanted = time.time() if moment is None else moment.timestamp()
        for _ in range(_CLOCK_ATTEMPTS):
            sent = time.monotonic()
            self.channel.set_clock(wanted + sent - began, Deadline(_CLOCK_LIMIT))
            if time.monotonic() - sent < _CLOCK_ERROR:  # it was set at some time in between
                break

    def now(self) -> datetime:
        """Return the time by the guest's clock, in UTC; some 40 ms late in an emulated guest."""
        return datetime.fromtimestamp(float(self.check(["date", "+%s.%N"]).text), UTC)

    @cached_property
    def host(self) -> Host:
        """The guest as a pytest-testinfra host: ``machine.host.service("x").is_running``."""
        from harness.machine.testinfra_backend import host_of  # noqa: PLC0415 - only scenarios need it

        return host_of(self.run)
