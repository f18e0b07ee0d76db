"""The ways in which talking to a machine can end badly.

Each is named for what happened, as the operator would say it.
"""

from __future__ import annotations

from harness.errors import GateError


class MachineError(GateError):
    """Something about a machine; ``console`` holds the last lines of its serial console."""

    def __init__(self, sentence: str, console: str = "") -> None:
        super().__init__(f"{sentence}\nlast lines of the console:\n{console}" if console else sentence)
        self.sentence = sentence
        self.console = console


class CommandFailed(MachineError):
    """A command ended with another status than zero."""


class CommandDeadline(MachineError):
    """A command did not end in time; it has been killed. ``stdout`` and ``stderr`` hold what it said till then."""

    def __init__(self, sentence: str, console: str, stdout: bytes, stderr: bytes) -> None:
        super().__init__(sentence, console)
        self.stdout = stdout
        self.stderr = stderr


class GuestDied(MachineError):
    """The QEMU process ended."""


class KernelPanic(MachineError):
    """The guest's kernel panicked."""


class ChannelLost(MachineError):
    """The command channel broke, or the guest started anew, with the guest alive."""


class BootFailed(MachineError):
    """The machine did not come up in time."""


class UnitFailed(MachineError):
    """A unit that was waited for failed, or did not start in time."""


class ConsoleError(MachineError):
    """The serial console did not show what was waited for."""


class QmpError(MachineError):
    """QEMU refused, or did not answer, a QMP command."""


class TemplateError(MachineError):
    """A machine could not be frozen or thawed."""
