"""What is asked of a place that PostgreSQL's programs run in: a guest, or in the tests this host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Result(Protocol):
    """What a command left."""

    @property
    def status(self) -> int:
        """Its exit status."""

    @property
    def stdout(self) -> bytes:
        """Its standard output."""

    @property
    def stderr(self) -> bytes:
        """Its standard error."""


class Shell(Protocol):
    """Runs commands; :class:`harness.machine.machine.Machine` is one."""

    def run(
        self, command: str | Sequence[str], *, timeout: float = ..., stdin: bytes = ..., user: str | None = ...
    ) -> Result:
        """Run an argument list, or a script for bash, as ``user`` (None: root), for ``timeout`` seconds at most."""
