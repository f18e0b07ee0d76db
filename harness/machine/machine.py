"""A machine: a guest and its power switch."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness.host.deadline import Deadline
from harness.machine.backdoor import Backdoor
from harness.machine.channel import Channel, Greeting
from harness.machine.commands import Commands
from harness.machine.console import Console
from harness.machine.errors import BootFailed, ChannelLost, MachineError
from harness.machine.overlay import make_overlay
from harness.machine.qemu import QemuProcess

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from harness.host.workspace import Workspace
    from harness.machine.hardware import Hardware
    from harness.machine.qmp import Qmp

_BOOT_LIMIT = 300.0  # seconds; NixOS, emulated on a busy host, was seen to take 150


class Machine(Commands):
    """One machine with its own disk: an overlay on ``hardware.disk``.

    Logs and sockets are in the workspace, in a directory that begins with ``name``. ``freeze_into`` is a directory for
    the disk and the RAM of a machine that will become a template: freezing it then copies nothing. Off at first;
    ``boot`` it, or get it from ``thaw``. Not thread-safe, except for commands.
    """

    def __init__(self, hardware: Hardware, *, workspace: Workspace, name: str, freeze_into: Path | None = None) -> None:
        self.hardware = hardware
        self.name = name
        self.freeze_into = freeze_into
        self._workspace = workspace
        self.directory = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=workspace.path))
        storage = freeze_into or self.directory
        self.disk = storage / "disk.qcow2"
        self.memory_file = freeze_into / "ram" if freeze_into else None
        make_overlay(self.disk, hardware.disk)
        self._qemu: QemuProcess | None = None
        self._backdoor: Backdoor | None = None
        self._channel: Channel | None = None
        self._console: Console | None = None
        self._greeting: Greeting | None = None

    # What it is made of

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
        """QEMU's monitor. Raises MachineError if the machine is off."""
        return self._running().qmp

    @property
    def boot_id(self) -> str:
        """The kernel's id of this boot; a thaw keeps it. Raises MachineError if the machine is off."""
        if self._greeting is None:
            raise self._is_off()
        return self._greeting.boot_id

    # Power

    def boot(self, timeout: float = _BOOT_LIMIT) -> None:
        """Switch on, and return when the command channel answers; units may still be starting.

        Raises:
            BootFailed: it did not come up within ``timeout`` seconds.
            GuestDied, KernelPanic: it never will.
        """
        if self.memory_file:
            self.memory_file.unlink(missing_ok=True)
            self.memory_file.touch(mode=0o600)
        self.launch(memory_file=self.memory_file, private=False)
        self.greet(Deadline(timeout))

    def power_off(self, timeout: float = 180) -> None:
        """Shut down as an operator does, and return when the machine is off.

        Raises:
            MachineError: it was not off within ``timeout`` seconds.
        """
        self.start(["systemctl", "poweroff", "--no-block"])
        try:
            self._running().process.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            message = f"the guest did not power off within {timeout:g} s"
            raise MachineError(message, self.channel.vitals.tail()) from None
        self.power_cut()

    def power_cut(self) -> None:
        """Switch off at once. What the guest wrote to its disk is kept; its RAM is lost."""
        if self._channel is not None:
            self._channel.close()
        if self._console is not None:
            self._console.hang_up()
        if self._backdoor is not None:
            self._backdoor.close()
        if self._qemu is not None:
            self._qemu.end()
        self._qemu = self._channel = self._console = self._backdoor = self._greeting = None

    def reset(self, timeout: float = _BOOT_LIMIT) -> None:
        """Press the reset button, and wait as ``boot`` does. Raises what ``boot`` raises."""
        self.channel.vitals.forget()
        self.qmp.execute("system_reset")
        self.greet(Deadline(timeout), after_restart=True)

    def reboot(self, timeout: float = _BOOT_LIMIT) -> None:
        """Reboot as an operator does, and wait as ``boot`` does. Raises what ``boot`` raises."""
        self.start(["systemctl", "reboot", "--no-block"])
        self.greet(Deadline(timeout), after_restart=True)

    def link(self, *, up: bool) -> None:
        """Plug the network cable in or out."""
        self.qmp.execute("set_link", name="nic0", up=up)

    def close(self) -> None:
        """Switch off for good. The disk is deleted (unless it will be frozen), the logs stay in the workspace."""
        if self._qemu is not None:
            self._qemu.end(grace=0)  # the disk is not needed: do not write it out
        self.power_cut()
        if self.freeze_into is None:
            self.disk.unlink(missing_ok=True)

    # For boot and thaw

    def launch(self, *, memory_file: Path | None, private: bool, extra: Sequence[str] = ()) -> None:
        """Start QEMU and connect to it. Raises GuestDied if it does not start, MachineError if it is running."""
        if self._qemu is not None:
            message = f"machine {self.name} is already on"
            raise MachineError(message)
        self._qemu = QemuProcess(
            self.hardware,
            workspace=self._workspace,
            name=self.name,
            directory=self.directory,
            disk=self.disk,
            memory_file=memory_file,
            private=private,
            extra=extra,
        )
        qemu = self._qemu
        command = qemu.connect("command")
        if self.hardware.backdoor:
            self._backdoor = Backdoor(qemu.connect("backdoor"), qemu.vitals)
            self._channel = Channel(command, qemu.vitals, rescue=self._backdoor.bring_up_agent)
        else:
            self._channel = Channel(command, qemu.vitals)
        self._console = Console(lambda: qemu.connect("console"), qemu.vitals)

    def greet(self, deadline: Deadline, *, after_restart: bool = False, thawed: bool = False) -> Greeting:
        """Open the command channel, through the backdoor if need be. Raises what ``boot`` raises."""
        try:
            if after_restart and self._backdoor is not None:
                self._backdoor.forget(deadline)
            self._greeting = self.channel.open(deadline, after_restart=after_restart, thawed=thawed)
        except ChannelLost as error:
            message = f"machine {self.name} did not start: {error.sentence}"
            raise BootFailed(message, error.console) from None
        return self._greeting

    def _running(self) -> QemuProcess:
        if self._qemu is None:
            raise self._is_off()
        return self._qemu

    def _is_off(self) -> MachineError:
        message = f"machine {self.name} is off"
        return MachineError(message)

    def __enter__(self) -> Machine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
