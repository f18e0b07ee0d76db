"""The interface of a place where PostgreSQL's programs run: a guest, or in tests this host."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Result(Protocol):
    """A command's result."""

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
    """Runs commands; :class:`harness.machine.machine.Machine` implements it."""

    def run(
        self,
        command: str | Sequence[str],
        *,
        timeout: float = ...,
        stdin: bytes | IO[bytes] = ...,
        user: str | None = ...,
    ) -> Result:
        """Run an argument list, or a script for bash, as ``user`` (None: root), for at most ``timeout`` seconds.

        A file is sent block by block, from where it stands.
        """
