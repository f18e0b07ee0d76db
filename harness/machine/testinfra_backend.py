"""pytest-testinfra over the command channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from testinfra.backend.base import BaseBackend, CommandResult
from testinfra.host import Host

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.machine.result import CommandResult as GuestResult


class ChannelBackend(BaseBackend):  # type: ignore[misc]
    """Runs testinfra's commands as root in a guest."""

    NAME = "pg-archive-gate"

    def __init__(self, run: Callable[[str], GuestResult]) -> None:
        super().__init__("machine")
        self._run = run

    def run(self, command: str, *args: str, **_: Any) -> CommandResult:
        """Run a command with its arguments quoted."""
        line = self.get_command(command, *args)
        result = self._run(line)
        return self.result(result.status, line.encode(), result.stdout, result.stderr)

    def get_encoding(self) -> str:
        """Return the guest's encoding, which the agent sets."""
        return "UTF-8"


def host_of(run: Callable[[str], GuestResult]) -> Host:
    """Return a host object of the guest that ``run`` runs commands in: testinfra's own cache outlives machines."""
    backend = ChannelBackend(run)
    host = Host(backend)
    backend.set_host(host)
    return host
