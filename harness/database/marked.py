r"""A script with a command at its end, by whose output one sees that psql has run all of it.

After a \q psql leaves out the rest, and it takes the end of the file for that of COPY's rows: neither is an error.
"""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer

MARK = "<the end, pg-archive-gate>"

_COMMAND = f"\\echo '{MARK}'\n".encode()  # within rows it is one of them


def marked(script: IO[bytes]) -> io.BufferedReader:
    """Return what is left of a script, then the command."""
    return io.BufferedReader(_Marked(script))


class _Marked(io.RawIOBase):
    def __init__(self, script: IO[bytes]) -> None:
        self._script = script
        self._end = b"\n"  # of what was read
        self._command: io.BytesIO | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, into: Buffer) -> int:
        view = memoryview(into)
        if self._command is None:
            if block := self._script.read(len(view)):
                view[: len(block)] = block
                self._end = block[-1:]
                return len(block)
            self._command = io.BytesIO(_COMMAND if self._end == b"\n" else b"\n" + _COMMAND)
        return self._command.readinto(into)
