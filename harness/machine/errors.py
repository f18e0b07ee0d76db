"""How talking to a machine can fail.

Each is named for what happened, in an operator's words.
"""

from __future__ import annotations

from harness.errors import DeadlinePassed, GateError


class MachineError(GateError):
    """Something is wrong with a machine; ``console`` has the last lines of its serial console."""

    def __init__(self, sentence: str, console: str = "") -> None:
        super().__init__(f"{sentence}\nlast lines of the console:\n{console}" if console else sentence)
        self.sentence = sentence
        self.console = console


class CommandFailed(MachineError):
    """A command ended with a non-zero status."""


class CommandDeadline(MachineError, DeadlinePassed):
    """A command did not end in time and was killed. ``stdout`` and ``stderr`` have its output until then."""

    def __init__(self, sentence: str, console: str, stdout: bytes, stderr: bytes) -> None:
        super().__init__(sentence, console)
        self.stdout = stdout
        self.stderr = stderr


class GuestDied(MachineError):
    """The QEMU process ended."""


class KernelPanic(MachineError):
    """The guest's kernel panicked."""


class ChannelLost(MachineError):
    """The command channel broke, or the guest restarted; the guest is alive."""


class BootFailed(MachineError):
    """The machine did not come up in time."""


class UnitFailed(MachineError):
    """A unit failed, or did not start in time."""


class ConsoleError(MachineError):
    """The serial console did not show the expected output."""


class QmpError(MachineError):
    """QEMU refused, or did not answer, a QMP command."""


class TemplateError(MachineError):
    """A machine could not be frozen or thawed."""
