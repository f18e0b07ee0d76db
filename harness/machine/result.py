"""The result of a command in the guest."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CommandResult:
    """``status`` as in a shell: the exit status, or 128 + n if signal n ended it."""

    status: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """Stdout as UTF-8, without trailing newlines, like ``$(…)``."""
        return self.stdout.decode(errors="replace").rstrip("\n")
