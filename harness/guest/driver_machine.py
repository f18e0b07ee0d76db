"""The NixOS test driver's machine, driven over the harness's own command channel.

The driver starts and stops the machine; everything else goes over sockets that the machine's QEMU has in its state
directory (nixos-tests/driver-vm.nix). Of the driver's Python API, which changed often, only `Node` is used: the same
in the releases of 2024 and 2025 (`Machine`) and of 2026 (`QemuMachine`).
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Protocol, cast

from harness.host.deadline import Deadline
from harness.machine.channel import Channel
from harness.machine.commands import Commands
from harness.machine.console import Console
from harness.machine.errors import BootFailed, ChannelLost, MachineError
from harness.machine.qmp import Qmp
from harness.machine.vitals import Vitals

if TYPE_CHECKING:
    from pathlib import Path

    from harness.host.process import OwnedProcess
    from harness.machine.channel import Greeting

_STARTED = 60.0  # seconds until QEMU listens
_BOOT_LIMIT = 600.0  # seconds until the command channel answers


class Node(Protocol):
    """What is used here of a test driver's machine."""

    state_dir: Path
    """QEMU's working directory, with the machine's disk."""

    @property
    def process(self) -> subprocess.Popen[bytes] | None:
        """QEMU (or the shell that was replaced by it), None before the first start."""

    def start(self, allow_reboot: bool = False) -> None:
        """Start QEMU unless it runs; do not wait for the guest."""

    def crash(self) -> None:
        """Make QEMU quit and wait for its end; a no-op if not started. Fails if QEMU has ended by itself."""

    def wait_for_shutdown(self) -> None:
        """Wait for QEMU's end and record it, so that it can start again; a no-op if not started."""


class _Process:
    """QEMU as `Vitals` sees it."""

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self.popen = popen

    @property
    def running(self) -> bool:
        return self.popen.poll() is None


class DriverMachine(Commands):
    """The driver's machine with its own disk, used like ``Machine``: off at first; ``close`` it at the end."""

    def __init__(self, node: Node, name: str) -> None:
        self.name = name
        self._node = node
        self._vitals: Vitals | None = None
        self._channel: Channel | None = None
        self._console: Console | None = None
        self._greeting: Greeting | None = None
        self._qmp: Qmp | None = None
        self._switch_off()
        _empty(node.state_dir)

    @property
    def channel(self) -> Channel:
        """The open command channel. Raises MachineError if the machine is off."""
        if self._channel is None:
            raise self._is_off()
        return self._channel

    @property
    def console(self) -> Console:
        """The serial console. Raises MachineError if the machine is off."""
        if self._console is None:
            raise self._is_off()
        return self._console

    @property
    def qmp(self) -> Qmp:
        """QEMU's second monitor; the driver uses the first. Raises MachineError if the machine is off."""
        if self._qmp is None:
            self._qmp = Qmp(self._connect("monitor-of-gate"))
        return self._qmp

    @property
    def boot_id(self) -> str:
        """The kernel's id of the current boot. Raises MachineError if the machine is off."""
        if self._greeting is None:
            raise self._is_off()
        return self._greeting.boot_id

    def boot(self, timeout: float = _BOOT_LIMIT) -> None:
        """Switch on; return when the command channel answers.

        Raises:
            BootFailed: it did not come up within ``timeout`` seconds.
            GuestDied, KernelPanic: it never will.
        """
        self._node.start(allow_reboot=True)
        process = self._node.process
        assert process is not None, "the driver has started the machine"
        log = self._node.state_dir / "console.log"
        self._vitals = Vitals(cast("OwnedProcess", _Process(process)), console=log, stderr=log)
        self._channel = Channel(self._connect("command"), self._vitals)
        self._console = Console(lambda: self._connect("console"), self._vitals)
        self._greet(Deadline(timeout), after_restart=False)

    def power_off(self, timeout: float = 180) -> None:
        """Shut down as an operator does, and return when the machine is off.

        Raises:
            MachineError: it was not off within ``timeout`` seconds.
        """
        self.start(["systemctl", "poweroff", "--no-block"])
        process = self._node.process
        assert process is not None, "the driver has started the machine"
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            message = f"the guest did not power off within {timeout:g} s"
            raise MachineError(message, self.channel.vitals.tail()) from None
        self._switch_off()

    def power_cut(self) -> None:
        """Switch off at once. What the guest wrote to its disk stays; what it had in RAM is lost."""
        self._switch_off()

    def reset(self, timeout: float = _BOOT_LIMIT) -> None:
        """Press the reset button, and wait as ``boot`` does. Raises what ``boot`` raises."""
        self.channel.vitals.forget()
        self.qmp.execute("system_reset")
        self._greet(Deadline(timeout), after_restart=True)

    def reboot(self, timeout: float = _BOOT_LIMIT) -> None:
        """Reboot as an operator does, and wait as ``boot`` does. Raises what ``boot`` raises."""
        self.start(["systemctl", "reboot", "--no-block"])
        self._greet(Deadline(timeout), after_restart=True)

    def link(self, *, up: bool) -> None:
        """Plug or unplug the network cable."""
        self.qmp.execute("set_link", name="user.0", up=up)  # the network that qemu-vm.nix gives to every machine

    def close(self) -> None:
        """Switch off for good. Safe to call again."""
        self._switch_off()

    def __enter__(self) -> DriverMachine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _greet(self, deadline: Deadline, *, after_restart: bool) -> None:
        try:
            self._greeting = self.channel.open(deadline, after_restart=after_restart)
        except ChannelLost as error:
            message = f"machine {self.name} did not come up: {error.sentence}; does it import harness-guest.nix?"
            raise BootFailed(message, error.console) from None

    def _connect(self, kind: str) -> socket.socket:
        """Connect to QEMU's socket, created soon after QEMU starts. Raises GuestDied if it has ended."""
        if self._vitals is None:
            raise self._is_off()
        deadline = Deadline(_STARTED)
        path = self._node.state_dir / kind
        while True:
            stream = socket.socket(socket.AF_UNIX)
            try:
                stream.connect(str(path))
            except OSError as error:
                stream.close()
                self._vitals.check()
                if deadline.passed:
                    message = f"QEMU has no socket {path} ({error.strerror}); does the machine import driver-vm.nix?"
                    raise MachineError(message) from None
                time.sleep(0.05)
            else:
                return stream

    def _switch_off(self) -> None:
        if self._channel is not None:
            self._channel.close()
        if self._console is not None:
            self._console.hang_up()
        if self._qmp is not None:
            self._qmp.close()
        self._vitals = self._channel = self._console = self._greeting = self._qmp = None
        process = self._node.process
        if process is not None and process.poll() is not None:
            self._node.wait_for_shutdown()  # the driver does not know yet that it has ended
        else:
            self._node.crash()

    def _is_off(self) -> MachineError:
        message = f"machine {self.name} is off"
        return MachineError(message)


def _empty(directory: Path) -> None:
    for entry in directory.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
