"""One target as a source of archives: what it has of a database, and each archive only with the manifest's word."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pg_archive import process
from pg_archive.configuration import Configuration, Database
from pg_archive.deadline import WEEK, Deadline
from pg_archive.errors import ConfigurationError, DamagedMessage, DeadlinePassed, PgArchiveError, Stopped, TargetError
from pg_archive.keys import Keys
from pg_archive.manifest import Manifest
from pg_archive.names import MANIFEST, PARTIAL, ArchiveName
from pg_archive.openpgp import Digester
from pg_archive.progress import Progress
from pg_archive.rclone import Rclone
from pg_archive.scratch import check_space
from pg_archive.targets import Target, targets_of

T = TypeVar("T")
_SHORT = 60.0  # seconds for what is small; a store that hangs must not hold up a restore from another
# Seconds for a listing, by pages of 1000 files: ten years of hourly archives are 175. rclone ends one that hangs.
_LISTING = 1800.0
_PAUSES = (0.2, 1.0)  # seconds before the second and third attempt


@dataclass(frozen=True)
class Inventory:
    """What a target has below the database's prefix, by its names alone."""

    finished: dict[ArchiveName, int]
    """Archives that have a manifest beside them, and their size in bytes."""
    apart: dict[str, str]
    """What is not one, and why."""
    unfinished: tuple[ArchiveName, ...] = ()
    orphans: tuple[ArchiveName, ...] = ()
    """Archives of which only the manifest is listed."""


class Source:
    """A target to read from, each step ``within`` a deadline; only a retention deletes there."""

    def __init__(
        self,
        target: Target,
        database: Database,
        rclone: Rclone,
        keys: Keys,
        within: Deadline | None = None,
    ) -> None:
        self.target = target
        self._database = database
        self._rclone = rclone
        self._keys = keys
        self._within = within

    def __str__(self) -> str:
        return self.target.name

    def inventory(self) -> Inventory:
        """List it.

        Raises:
            TargetError: it cannot be listed; as all methods here.
            Stopped: the program is ending; as all methods here.
        """
        directory = self.target.at(self._database.prefix).rstrip("/")
        deadline, again = Deadline(_LISTING, self._within), Deadline(_SHORT)
        missing = self.target.kind != "s3"  # which has no directories: what is missing is the bucket
        found = self._attempts("list", lambda: self._rclone.files(directory, deadline, missing=missing), again)
        sizes = {entry.name: entry.size for entry in found}
        finished: dict[ArchiveName, int] = {}
        unfinished: list[ArchiveName] = []
        orphans: list[ArchiveName] = []
        apart: dict[str, str] = {}
        for text, size in sizes.items():
            name = ArchiveName.parse(text.removesuffix(PARTIAL).removesuffix(MANIFEST), self._database.name)
            if name is None:
                apart[text] = f"is no archive of {self._database.name}"
            elif text.endswith(PARTIAL):
                apart[text] = "is an upload that did not end"
            elif text.endswith(MANIFEST):
                if str(name) not in sizes:
                    apart[text] = "is a manifest without its archive"
                    orphans.append(name)
            elif name.manifest not in sizes:
                unfinished.append(name)
                apart[text] = "has no manifest: its upload did not end, or was not verified"
            else:
                finished[name] = size
        return Inventory(finished, apart, tuple(unfinished), tuple(orphans))

    def lacks(self, name: ArchiveName) -> str:
        """Return the flag that is missing to open an archive, "" if none is."""
        return self._keys.lacks(name)

    def manifest(self, name: ArchiveName, size: int) -> Manifest:
        """Read the manifest of an archive that is listed with ``size`` bytes.

        Raises:
            TargetError: it does not open, or does not vouch for this archive.
        """
        deadline = Deadline(_SHORT, self._within)
        path = self.target.at(f"{self._database.prefix}{name.manifest}")
        message = self._attempts(f"read {name.manifest}", lambda: self._rclone.read(path, deadline))
        return self.opened(message, name, size)

    def opened(self, message: bytes, name: ArchiveName, size: int) -> Manifest:
        """Read a manifest that was fetched. Raises what :meth:`manifest` raises."""
        step = f"manifest of {name}"
        try:
            manifest = Manifest.opened(message, name, self._keys, Deadline(_SHORT, self._within))
        except Stopped:
            raise
        except PgArchiveError as error:
            raise TargetError(str(self.target), step, error.cause, error.mend) from None
        if (manifest.archive, manifest.database) != (str(name), self._database.name):
            cause = f"it is of {manifest.archive}, of database {manifest.database}: somebody renamed or swapped files"
            raise TargetError(str(self.target), step, cause, "use another archive")
        if manifest.ciphertext.size != size:
            cause = f"{name} has {size} bytes there, of {manifest.ciphertext.size} that were uploaded"
            raise TargetError(str(self.target), step, cause, "use another archive")
        return manifest

    def retrieve(self, manifest: Manifest, scratch: Path) -> Path:
        """Download an archive, compare it with its manifest, decrypt it completely, compare that: the dump is whole.

        Returns the dump's file in ``scratch``, compressed as pg_dump left it.

        Raises:
            TargetError: some of that failed: nothing of this copy must be used.
            PgArchiveError: the disk is too small.
        """
        ciphertext, dump = scratch / "archive", scratch / "dump"
        for left in (ciphertext, dump):  # of a copy that could not be used
            left.unlink(missing_ok=True)
        check_space(scratch, manifest.ciphertext.size + manifest.dump.size)
        self.fetch(manifest, ciphertext)
        return self.decrypt(manifest, ciphertext, dump)

    def decrypt(self, manifest: Manifest, ciphertext: Path, dump: Path) -> Path:
        """Decrypt what was fetched, and remove the ciphertext. Raises what :meth:`retrieve` raises."""
        dump.unlink(missing_ok=True)
        name = ArchiveName.parse(manifest.archive, self._database.name)
        assert name is not None  # as it was listed
        try:
            found = self._keys.decrypt(name, ciphertext, dump, Deadline(WEEK))
        except Stopped:
            raise
        except PgArchiveError as error:
            raise TargetError(str(self.target), f"decrypt {manifest.archive}", error.cause, error.mend) from None
        if found != manifest.dump:
            cause = "what it decrypts to is not what its manifest says"
            raise TargetError(str(self.target), f"decrypt {manifest.archive}", cause, "use another archive")
        ciphertext.unlink()
        return dump

    def fetch(self, manifest: Manifest, path: Path) -> None:
        """Download an archive and compare it with its manifest.

        Raises:
            TargetError: the bytes that arrive are others.
        """
        remote = self.target.at(f"{self._database.prefix}{manifest.archive}")
        self._attempts(f"download {manifest.archive}", lambda: self._fetch(manifest, remote, path))

    def has(self, name: str) -> bool:
        """Whether a file is there, whatever a listing says."""
        path = self.target.at(f"{self._database.prefix}{name}")
        return self._attempts(f"look at {name}", lambda: self._rclone.has(path, Deadline(_SHORT, self._within)))

    def delete(self, name: str) -> None:
        """Delete a file."""
        path = self.target.at(f"{self._database.prefix}{name}")
        self._attempts(f"delete {name}", lambda: self._rclone.delete(path, Deadline(_SHORT, self._within)))

    def _fetch(self, manifest: Manifest, remote: str, path: Path) -> None:
        digester = Digester()
        progress = Progress(f"Downloading {manifest.archive} from {self}", manifest.ciphertext.size)
        path.unlink(missing_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(file, "wb") as out:  # noqa: PTH123 - a descriptor
            # rclone itself gives up on a connection without a byte after one minute.
            for chunk in self._rclone.chunks(remote, Deadline(WEEK)):
                digester.update(chunk)
                out.write(chunk)
                progress.add(len(chunk))
        found = digester.digest()
        if found.size != manifest.ciphertext.size:
            cause = f"{found.size} of {manifest.ciphertext.size} bytes arrived"
            raise DamagedMessage("compare with the manifest", cause, "use another archive")
        if found != manifest.ciphertext:
            raise DamagedMessage("compare with the manifest", "other bytes arrived", "use another archive")

    def _attempts(self, step: str, act: Callable[[], T], again: Deadline | None = None) -> T:
        """Do it, up to three times; what fails after ``again`` is not done once more."""
        for pause in (*_PAUSES, None):
            try:
                return act()
            except Stopped:
                raise
            except OSError as error:
                cause = f"writing failed: {error.strerror}"
                raise PgArchiveError(step, cause, "free some disk space, or set TMPDIR to a larger directory") from None
            except PgArchiveError as error:
                # What is damaged there arrives damaged again, and another store may have a good copy.
                damaged_again = isinstance(error, DamagedMessage) and pause != _PAUSES[0]
                late = isinstance(error, DeadlinePassed) or (again is not None and again.passed)
                if pause is None or damaged_again or late:
                    raise TargetError(str(self.target), step, error.cause, error.mend) from None
            process.stopping.wait(pause)
        raise AssertionError("the last attempt returns or raises")


def sources_of(
    configuration: Configuration, database: Database, only: str | None, *, to_open: bool = False
) -> list[Source]:
    """Return the database's targets to read from, in the order of the configuration; ``only`` names one.

    Without a key that opens anything, names and sizes can be looked at, unless archives are ``to_open``.

    Raises:
        ConfigurationError, PassphraseError: something is missing or wrong.
        ProgramFailed: rclone cannot read its configuration.
    """
    if database.passphrase_file is None and database.identity is None:
        if not database.recipients:
            mend = "give --passphrase-file, or --identity for archives to age recipients"
            raise ConfigurationError("passphrase", "is not given", mend)
        if to_open:
            cause = f"is not given, and archives of {database.name} can be opened by it alone"
            raise ConfigurationError("identity", cause, "give --identity FILE, best on another machine than this")
    keys = Keys.of(database, 1)  # old archives may have a short passphrase
    rclone = Rclone(configuration.rclone_config)
    targets = targets_of(configuration, database, rclone, Deadline(_SHORT))
    chosen = [target for target in targets if only in (None, target.name)]
    if not chosen:
        raise ConfigurationError(
            f"target {only!r}", "is unknown", f"there are {', '.join(each.name for each in targets)}"
        )
    return [Source(target, database, rclone, keys) for target in chosen]


def inventories(sources: Sequence[Source]) -> tuple[dict[Source, Inventory], list[TargetError]]:
    """List all of them side by side; return also why some could not be listed."""
    found: dict[Source, Inventory] = {}
    failed: list[TargetError] = []
    with ThreadPoolExecutor(len(sources)) as pool:
        for source, listing in [(source, pool.submit(source.inventory)) for source in sources]:
            try:
                found[source] = listing.result()
            except TargetError as error:
                failed.append(error)
    return found, failed
