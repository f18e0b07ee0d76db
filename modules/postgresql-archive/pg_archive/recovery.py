"""What earlier runs left unfinished at a target: an archive that is whole is finished, what is half is removed.

A store keeps the parts of an upload that was cut off, lists them nowhere among its files, and lets them be paid for.

A run that is killed between upload and manifest leaves an archive that nobody vouches for.
"""

from __future__ import annotations

import os
from collections.abc import Container
from pathlib import Path

from pg_archive import openpgp
from pg_archive.cli import say
from pg_archive.deadline import Deadline
from pg_archive.delivery import Delivery, LocalFile
from pg_archive.dump import inspect
from pg_archive.errors import CryptoError, DamagedMessage, DumpError, TargetError
from pg_archive.keys import Keys
from pg_archive.manifest import Manifest
from pg_archive.names import MANIFEST, PARTIAL, ArchiveName
from pg_archive.rclone import Entry

_MOST = 3  # archives per run and target: each is downloaded
_OTHER_BYTES = "corrupted on transfer"  # rclone: size or digest is not what the store says (1.60 and 1.75)


class Recovery:
    """For one delivery, in a directory of its own below the private one."""

    def __init__(self, delivery: Delivery, database: str, keys: Keys, host: str, directory: Path) -> None:
        self._delivery = delivery
        self._database = database
        self._keys = keys
        self._host = host
        self._directory = directory
        self._deadline: Deadline = delivery.deadline

    def run(self, entries: list[Entry], waiting: Container[str] = ()) -> None:
        """Look after what ``entries``, the files there, show to be unfinished.

        Only archives newer than the newest finished one are looked at, and only where one was ever finished is anything
        removed: what other tools made there stays. Names in ``waiting`` are looked after by the spool.

        Raises:
            TargetError: the target failed.
        """
        self._delivery.abort_uploads(f"{self._database}_")
        names = {entry.name for entry in entries}
        for name in sorted(names):
            if name.endswith(PARTIAL) and self._parse(name.removesuffix(PARTIAL).removesuffix(MANIFEST)):
                self._delivery.remove(name)
                say(f"Target {self._delivery.target}: {name}, which an earlier run left half uploaded, is removed.")
        archives = sorted(archive for name in names if (archive := self._parse(name)))
        newest = max((archive for archive in archives if archive.manifest in names), default=None)
        unfinished = [archive for archive in archives if newest is None or archive.taken > newest.taken]
        unfinished = [archive for archive in unfinished if str(archive) not in waiting]
        for archive in unfinished[-_MOST:]:
            self._finish(archive, may_remove=newest is not None)

    def _parse(self, name: str) -> ArchiveName | None:
        return ArchiveName.parse(name, self._database)

    def _finish(self, archive: ArchiveName, *, may_remove: bool) -> None:
        target = self._delivery.target
        if self._keys.lacks(archive) or archive.ending != self._keys.ending:
            say(f"Target {target}: {archive} has no manifest and stays unfinished: this host has no key for it.")
            return
        self._directory.mkdir(mode=0o700, exist_ok=True)
        cipher, plain = self._directory / "ciphertext", self._directory / "dump"
        try:
            manifest = self._examined(archive, cipher, plain)
        except DamagedMessage as error:
            if may_remove:
                self._remove_damaged(archive, error.cause)
            else:
                say(f"Target {target}: {archive} has no manifest and cannot be restored: {error.cause}.")
        except (CryptoError, DumpError) as error:
            say(f"Target {target}: {archive} has no manifest and stays unfinished: {error.cause}.")
        except TargetError as error:
            if _OTHER_BYTES not in error.cause:
                raise
            # The store does not keep what it says, so nobody can tell whose this is. It holds up no run.
            say(f"Target {target}: {archive} has no manifest and stays unfinished: {error.cause}.")
        else:
            sealed = self._directory / "manifest"
            message = manifest.sealed(self._keys, self._deadline)
            sealed.write_bytes(message)
            self._delivery.place(LocalFile(sealed, openpgp.digest(message)), archive.manifest)
            say(f"Target {target}: {archive}, which an earlier run left unfinished, is whole and now has its manifest.")
        finally:
            for path in (cipher, plain):
                path.unlink(missing_ok=True)

    def _remove_damaged(self, archive: ArchiveName, why: str) -> None:
        """Remove it; a key that may not must not keep this run's archive from the target."""
        what = f"Target {self._delivery.target}: {archive}, which an earlier run left damaged,"
        try:
            self._delivery.remove(str(archive))
        except TargetError as error:
            say(f"{what} cannot be deleted ({error.cause}); delete it by hand.")
        else:
            say(f"{what} is removed ({why}).")

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
