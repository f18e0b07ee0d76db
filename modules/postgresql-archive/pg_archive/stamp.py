"""Which dump was there when the unit started; ``begin`` needs nothing else of this program, and starts each unit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pg_archive.errors import DumpError


@dataclass(frozen=True)
class Stamp:
    """Which file was the dump when the unit started: this run's is another.

    It compares files, not times, so that a clock that is set meanwhile does not matter. The unit's script renames the
    old dump and writes a new file.
    """

    identity: tuple[int, int, int, int] | None

    @classmethod
    def of(cls, dump: Path) -> Stamp:
        """Note the present dump, if any."""
        try:
            found = dump.stat()
        except FileNotFoundError:
            return cls(None)
        return cls((found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size))

    def save(self, file: Path) -> None:
        """Write it to a file."""
        file.write_text(json.dumps(self.identity), "ascii")

    @classmethod
    def load(cls, file: Path) -> Stamp:
        """Read back what :meth:`save` wrote.

        Raises:
            DumpError: it is not there, so that nobody knows whether the dump is this run's.
        """
        try:
            identity = json.loads(file.read_text("ascii"))
        except (OSError, ValueError):
            mend = "let the unit run `pg-archive begin` first (ExecStartPre=), or by hand give --since"
            raise DumpError("dump", f"this run's start was not noted: {file} cannot be read", mend) from None
        return cls(tuple(identity) if identity else None)
