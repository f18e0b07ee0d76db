"""A change that only the fingerprint sees: made in its transaction, which is never committed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.database.psql import Psql
    from harness.database.shell import Result, Shell

_BEGIN = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"


@dataclass(frozen=True)
class _Changing:
    shell: Shell
    sql: str

    def run(
        self,
        command: str | Sequence[str],
        *,
        timeout: float = 60,
        stdin: bytes | IO[bytes] = b"",
        user: str | None = None,
    ) -> Result:
        assert isinstance(stdin, bytes)
        if not stdin:  # another program
            return self.shell.run(command, timeout=timeout, user=user)
        assert stdin.count(_BEGIN) == 1
        script = stdin.replace(_BEGIN, f"BEGIN;\n\\o /dev/null\n{self.sql};\n\\o\n".encode())
        return self.shell.run(command, timeout=timeout, stdin=script, user=user)


def undone(psql: Psql, sql: str) -> Psql:
    """A psql for :func:`harness.database.fingerprint.fingerprint`, which runs ``sql`` first."""
    return replace(psql, shell=_Changing(psql.shell, sql))
