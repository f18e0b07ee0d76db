"""What earlier runs left unfinished at a target: an archive that is whole is finished, what is half is removed.

A store keeps the parts of an upload that was cut off, lists them nowhere among its files, and lets them be paid for.

A run that is killed between upload and manifest leaves an archive that nobody vouches for.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Container
from pathlib import Path

from pg_archive import openpgp
from pg_archive.cli import say
from pg_archive.deadline import Deadline
from pg_archive.delivery import Delivery, LocalFile
from pg_archive.dump import inspect
from pg_archive.errors import DamagedMessage, PgArchiveError, Stopped, TargetError
from pg_archive.keys import Keys
from pg_archive.manifest import Manifest
from pg_archive.names import MANIFEST, PARTIAL, ArchiveName
from pg_archive.rclone import Entry
from pg_archive.scratch import SPARE, check_space

_MOST = 3  # archives per run and target: each is downloaded
_RUNS = 3  # finished archives after an unfinished one: then it is left alone, or it would be downloaded by each run
_one_at_a_time = threading.Lock()  # of the targets, as each needs room for an archive and its dump


def tidy(delivery: Delivery, entries: list[Entry], database: str) -> None:
    """Remove what earlier runs uploaded in part: it takes room that this run's archive may need.

    ``entries`` are the files there. Nothing here fails the run: the next one tries again.
    """
    delivery.abort_uploads(f"{database}_")
    for name in sorted(entry.name for entry in entries):
        whole = name.removesuffix(PARTIAL).removesuffix(MANIFEST)
        if name.endswith(PARTIAL) and ArchiveName.parse(whole, database):
            _remove(delivery, name, "half uploaded")


def _remove(delivery: Delivery, name: str, how: str, why: str = "") -> None:
    """Remove a file, if the key may."""
    what = f"Target {delivery.target}: {name}, which an earlier run left {how},"
    try:
        delivery.remove(name)
    except TargetError as error:
        say(f"{what} cannot be deleted ({error.cause}); delete it by hand.")
    else:
        say(f"{what} is removed{why and f' ({why})'}.")


class Recovery:
    """For one delivery, in a directory below the private one that no other thread uses meanwhile."""

    def __init__(self, delivery: Delivery, database: str, keys: Keys, host: str, directory: Path) -> None:
        self._delivery = delivery
        self._database = database
        self._keys = keys
        self._host = host
        self._directory = directory
        self._deadline: Deadline = delivery.deadline

    def run(self, entries: list[Entry], waiting: Container[str] = ()) -> None:
        """Look after the archives that ``entries``, the files there before this run's, show to be unfinished.

        An archive is looked at by the runs that follow it, until three have finished theirs, and removed only where an
        older one was ever finished: what other tools made there stays. Those in ``waiting`` are the spool's.

        Nothing here fails the run, whose own archive has arrived: what cannot be finished is said.
        """
        sizes = {entry.name: entry.size for entry in entries}
        archives = sorted(archive for name in sizes if (archive := ArchiveName.parse(name, self._database)))
        finished = [archive.taken for archive in archives if archive.manifest in sizes]
        unfinished = [
            archive
            for archive in archives
            if archive.manifest not in sizes and str(archive) not in waiting
            if sum(taken > archive.taken for taken in finished) < _RUNS
        ]
        for archive in unfinished[-_MOST:]:
            try:
                self._finish(archive, sizes[str(archive)], may_remove=any(each < archive.taken for each in finished))
            except Stopped:
                raise
            except PgArchiveError as error:
                self._stays(archive, error.cause)
            except OSError as error:
                self._stays(archive, str(error.strerror))

    def _stays(self, archive: ArchiveName, why: str) -> None:
        say(f"Target {self._delivery.target}: {archive} has no manifest and stays unfinished: {why}.")

    def _finish(self, archive: ArchiveName, size: int, *, may_remove: bool) -> None:
        if self._keys.lacks(archive) or archive.ending != self._keys.ending:
            self._stays(archive, "this host has no key for it")
            return
        if not _one_at_a_time.acquire(timeout=self._deadline.left):
            self._stays(archive, "another target's took all the time")
            return
        try:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            check_space(self._directory, 2 * size + SPARE)
            self._finish_here(archive, may_remove=may_remove)
        finally:
            shutil.rmtree(self._directory, ignore_errors=True)
            _one_at_a_time.release()

    def _finish_here(self, archive: ArchiveName, *, may_remove: bool) -> None:
        target = self._delivery.target
        try:
            manifest = self._examined(archive, self._directory / "ciphertext", self._directory / "dump")
        except DamagedMessage as error:
            if may_remove:
                _remove(self._delivery, str(archive), "damaged", error.cause)
            else:
                say(f"Target {target}: {archive} has no manifest and cannot be restored: {error.cause}.")
            return
        self._delivery.check_lock(str(archive), archive.taken)
        sealed = self._directory / "manifest"
        message = manifest.sealed(self._keys, self._deadline)
        sealed.write_bytes(message)
        self._delivery.place(LocalFile(sealed, openpgp.digest(message)), archive.manifest)
        say(f"Target {target}: {archive}, which an earlier run left unfinished, is whole and now has its manifest.")

    def _examined(self, archive: ArchiveName, cipher: Path, plain: Path) -> Manifest:
        """Download, decrypt and read an archive; twice, before it is called damaged."""
        for last in (False, True):
            for path in (cipher, plain):
                path.unlink(missing_ok=True)
            self._delivery.download(str(archive), cipher)
            try:
                decrypted = self._keys.decrypt(archive, cipher, plain, self._deadline)
                break
            except DamagedMessage:
                if last:
                    raise
        dump = os.open(plain, os.O_RDONLY | os.O_CLOEXEC)
        try:
            found = inspect(dump, Path(str(archive)), archive.compression, self._deadline)
        finally:
            os.close(dump)
        return Manifest(
            archive=str(archive),
            database=self._database,
            host=self._host,
            postgresql=found.version,
            time=archive.taken,
            dump=decrypted,
            ciphertext=LocalFile.of(cipher).digest,
            compression=archive.compression,
            encryption=self._keys.encryption,
            recipients=self._keys.recipients,
            rows=found.rows,
        )
