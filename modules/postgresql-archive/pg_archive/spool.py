"""Finished archives that wait for targets that failed: the next run delivers them after its own.

``<directory>/<database>/<archive>/`` has the archive, its manifest, and last of all ``waiting.json``, without which a
power cut left it half made. Only the holder of the database's lock works there.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from pg_archive.cli import say_error
from pg_archive.configuration import Spool
from pg_archive.delivery import LocalFile, flush
from pg_archive.names import ArchiveName
from pg_archive.openpgp import Digest

_LIST = "waiting.json"
_PATIENCE = 30.0  # seconds for another database to move an archive


@dataclass
class Waiting:
    """One archive and the names of the targets that lack it."""

    directory: Path
    name: ArchiveName
    archive: LocalFile
    manifest: LocalFile
    targets: set[str]

    @property
    def size(self) -> int:
        """Bytes of its archive."""
        return self.archive.digest.size


class SpoolDirectory:
    """Of one database; threads may call :meth:`delivered`.

    Raises OSError, as all methods do: it cannot be read or written.
    """

    def __init__(self, spool: Spool, database: str) -> None:
        self._spool = spool
        self._directory = spool.directory / database
        self._database = database
        self._lock = threading.Lock()
        self._directory.mkdir(mode=0o700, exist_ok=True)
        self.waiting = self._load()

    def forget_others(self, targets: Iterable[str]) -> list[tuple[ArchiveName, str]]:
        """Let nothing wait for targets that are no longer configured; return what did, and for which."""
        names = set(targets)
        gone = [(each, name) for each in self.waiting for name in sorted(each.targets - names)]
        for waiting, target in gone:
            self.delivered(waiting, target)
        return [(waiting.name, target) for waiting, target in gone]

    def delivered(self, waiting: Waiting, target: str) -> None:
        """Note that it waits no longer for a target; when it does for none, it goes."""
        with self._lock:
            waiting.targets.discard(target)
            if waiting.targets:
                self._save(waiting)
            else:
                self._drop(waiting)

    def keep(self, name: ArchiveName, archive: LocalFile, manifest: LocalFile, targets: set[str]) -> str:
        """Move a finished archive here, then remove the oldest if there are too many; return what was done.

        One database at a time, since all share the bytes.

        Raises:
            OSError: it cannot be kept; TimeoutError, another database did not come to an end within half a minute.
        """
        shared = os.open(self._spool.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _lock(shared)
            return self._keep(name, archive, manifest, targets)
        finally:
            os.close(shared)

    def _keep(self, name: ArchiveName, archive: LocalFile, manifest: LocalFile, targets: set[str]) -> str:
        if archive.digest.size > self._spool.size:
            return f"It is larger than the spool ({self._spool.size} bytes) and does not wait for them."
        others = self._used() - sum(waiting.size for waiting in self.waiting)
        if others + archive.digest.size > self._spool.size:
            return f"Other databases' archives fill the spool, so that it does not wait for them.{self._strangers()}"
        dropped = 0
        while len(self.waiting) > 1 and self._is_full(archive.digest.size):
            self._drop(self.waiting[0])
            dropped += 1
        directory = self._directory / str(name)
        waiting = Waiting(
            directory,
            name,
            LocalFile(directory / "archive", archive.digest),
            LocalFile(directory / "manifest", manifest.digest),
            targets,
        )
        directory.mkdir(mode=0o700)
        try:
            _move(archive.path, waiting.archive.path)
            _move(manifest.path, waiting.manifest.path)
            flush(waiting.archive.path)
            flush(waiting.manifest.path)
            self._save(waiting)
        except OSError:
            shutil.rmtree(directory, ignore_errors=True)
            raise
        if self.waiting and self._is_full():  # the last, only now: it is more than none, if the new one cannot come
            self._drop(self.waiting[0])
            dropped += 1
        self.waiting.append(waiting)
        if not dropped:
            return f"It waits in {directory} for the next run."
        return f"It waits in {directory} for the next run; {dropped} older gave way.{self._strangers()}"

    def _is_full(self, new: int = 0) -> bool:
        """Whether there is no place for one more, of so many bytes that are not there yet."""
        return len(self.waiting) >= self._spool.files or self._used() + new > self._spool.size

    def _load(self) -> list[Waiting]:
        found = []
        for directory in sorted(self._directory.iterdir()):
            name = ArchiveName.parse(directory.name, self._database)
            if name is None or not directory.is_dir():  # somebody else's
                continue
            try:
                document = json.loads((directory / _LIST).read_text("ascii"))
                archive = LocalFile(directory / "archive", Digest(**document["archive"]))
                manifest = LocalFile(directory / "manifest", Digest(**document["manifest"]))
                targets = set(document["targets"])
                wrong = [each.path.name for each in (archive, manifest) if each.path.stat().st_size != each.digest.size]
                why = f"{' and '.join(wrong)} of another size than {_LIST} says" if wrong else ""
            except FileNotFoundError as error:
                why = f"{Path(error.filename).name} is not there"
            except (ValueError, KeyError, TypeError):
                why = f"{_LIST} cannot be read"
            if why:  # half made, when the power was cut, or deleted by hand
                shutil.rmtree(directory)
                say_error(f"spool: {directory} is removed: {why}; it no longer waits for any target")
            else:
                found.append(Waiting(directory, name, archive, manifest, targets))
        return found

    def _save(self, waiting: Waiting) -> None:
        document = {
            "targets": sorted(waiting.targets),
            "archive": asdict(waiting.archive.digest),
            "manifest": asdict(waiting.manifest.digest),
        }
        aside = waiting.directory / f"{_LIST}.new"
        aside.write_text(json.dumps(document), "ascii")
        flush(aside)
        aside.replace(waiting.directory / _LIST)
        flush(waiting.directory)
        flush(self._directory)

    def _drop(self, waiting: Waiting) -> None:
        (waiting.directory / _LIST).unlink(missing_ok=True)
        shutil.rmtree(waiting.directory)
        self.waiting.remove(waiting)

    def _used(self) -> int:
        """Bytes in the spool, other databases' included."""
        return sum(size for _, size in self._archives())

    def _archives(self) -> Iterator[tuple[Path, int]]:
        """Yield the directory of the database, and the size, of all that waits."""
        for file in self._spool.directory.glob("*/*/archive"):
            with suppress(FileNotFoundError):  # delivered meanwhile
                yield file.parent.parent, file.stat().st_size

    def _strangers(self) -> str:
        """Say what no run will deliver, and what to do: somebody may still want it, so that it stays."""
        sizes: dict[Path, int] = {}
        for directory, size in self._archives():
            if directory.name not in {*self._spool.databases, self._database}:
                sizes[directory] = sizes.get(directory, 0) + size
        return "".join(
            f" {directory} takes {size} bytes, and its database is not configured: remove it if nobody needs it."
            for directory, size in sorted(sizes.items())
        )


def _move(source: Path, destination: Path) -> None:
    try:
        source.rename(destination)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.copyfile(source, destination)
        destination.chmod(0o600)
        source.unlink()


def _lock(directory: int) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise TimeoutError(errno.ETIMEDOUT, "another database keeps the spool locked") from None
            time.sleep(0.1)
        else:
            return
