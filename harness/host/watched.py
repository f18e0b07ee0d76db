"""Files that somebody edits, looked at again and again: a few hundred take a millisecond, on any file system."""

from __future__ import annotations

import os
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import GateError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_MOST = 5_000  # files; looking at more takes the processor
_TURN = 0.1  # seconds between two looks
_QUIET = 0.2  # seconds without a change, after which whatever saves the files has saved all of them


class TooMany(GateError):
    """More files than can be watched."""


class Watched:
    """All files in some directories and below, but hidden ones, ``NAME~``, ``__pycache__`` and what is in ``besides``.

    Raises:
        TooMany: there are thousands.
    """

    def __init__(self, directories: Iterable[Path], *, besides: Path) -> None:
        self._directories = tuple(dict.fromkeys(directories))
        self._besides = besides
        self._noticed: float | None = None  # when a change was, since the last wait
        self._seen = self._look()
        if len(self._seen) > _MOST:
            where = " and ".join(map(str, self._directories))
            raise TooMany(
                f"there are more than {_MOST} files below {where}; put the module into a directory of its own"
            )

    def __len__(self) -> int:
        return len(self._seen)

    @property
    def changed(self) -> bool:
        """Whether any is new, gone or written since the last ``wait``."""
        changed = self._look() != self._seen
        if changed and self._noticed is None:
            self._noticed = time.monotonic()
        return changed

    def wait(self) -> float:
        """Wait until one changes, and then until none does for a moment; return when, by ``time.monotonic``."""
        while not self.changed:
            time.sleep(_TURN)
        at = self._noticed or time.monotonic()
        while True:
            self._seen = self._look()
            time.sleep(_QUIET)
            if not self.changed:
                self._noticed = None
                return at

    def _look(self) -> Mapping[str, tuple[int, int, int]]:
        """Return what tells that a file was written or replaced."""
        found = {}
        for path in islice(self._paths(), _MOST + 1):
            try:
                state = path.stat()
            except OSError:  # just removed; or a link to nothing, as some editors' locks
                continue
            found[str(path)] = (state.st_mtime_ns, state.st_size, state.st_ino)
        return found

    def _paths(self) -> Iterator[Path]:
        for top in self._directories:
            for directory, below, names in os.walk(top):
                here = Path(directory)
                below[:] = [name for name in below if not _beside_the_point(name) and here / name != self._besides]
                yield from (here / name for name in names if not _beside_the_point(name))


def _beside_the_point(name: str) -> bool:
    """Whether it is git's, an editor's or Python's own."""
    return name.startswith(".") or name.endswith("~") or name == "__pycache__"
