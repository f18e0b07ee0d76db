"""What a command in the guest left."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CommandResult:
    """``status`` as a shell tells it: the exit status, or 128 + n if signal n ended it."""

    status: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """Standard output as UTF-8, without its last newlines, as ``$(…)`` gives it."""
        return self.stdout.decode(errors="replace").rstrip("\n")
