"""A run: one dump, encrypted once, delivered to each target side by side."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pg_archive import openpgp, process
from pg_archive.cli import say, say_error
from pg_archive.configuration import Configuration, Database, Retention, Spool
from pg_archive.deadline import Deadline
from pg_archive.delivery import Delivery, LocalFile
from pg_archive.dump import inspect, open_dump
from pg_archive.errors import ConfigurationError, DumpError, PgArchiveError, SomeTargetsFailed, Stopped, TargetError
from pg_archive.keys import Keys
from pg_archive.manifest import Manifest
from pg_archive.metrics import Delivered
from pg_archive.names import ArchiveName, new_name
from pg_archive.rclone import Entry, Rclone
from pg_archive.recovery import Recovery, tidy
from pg_archive.retention import carry_out, plan
from pg_archive.scratch import check_room
from pg_archive.source import Source
from pg_archive.spool import SpoolDirectory, Waiting
from pg_archive.stamp import Stamp
from pg_archive.targets import Target, targets_of, written_to

_TIDYING = 15.0  # seconds at most, before the upload, for what earlier runs left in part
_PATIENCE = 5.0  # seconds beside the encryption for the listings by which a name is chosen


@dataclass(frozen=True)
class _Sealed:
    """The encrypted dump and its manifest, ready for upload."""

    name: ArchiveName
    archive: LocalFile
    manifest: LocalFile


class Run:
    """One run on one database, in its private directory ``workplace``; notes in ``delivered`` what each target has."""

    def __init__(
        self,
        configuration: Configuration,
        database: Database,
        dump: Path,
        workplace: Path,
        delivered: dict[str, Delivered | None],
    ) -> None:
        self._database = database
        self._dump = dump
        self._workplace = workplace
        self._deadline = Deadline(configuration.time_limit)
        if database.passphrase_file is None and not database.recipients:
            raise ConfigurationError(f"databases.{database.name}.passphraseFile", "is missing", "name the file")
        self._keys = Keys.of(database, configuration.minimum_passphrase_length)
        self._keys.check(self._deadline)
        rclone = Rclone(configuration.rclone_config)
        self._rclone = rclone
        self._host = socket.gethostname()
        targets = targets_of(configuration, database, rclone, self._deadline)
        for target in targets:
            if target.refuses:
                say(f"Nothing is uploaded to target {target}: {target.refuses}.")
        self._targets = written_to(targets, rclone, self._deadline)
        self._spool = self._open(configuration.spool) if configuration.spool else None
        self._delivered = delivered
        delivered.update((target.name, None) for target in self._targets)

    def archive(self, start: Stamp | float) -> None:
        """Encrypt and deliver.

        Raises:
            DumpError, CryptoError, ConfigurationError: nothing was uploaded.
            SomeTargetsFailed: each one's line was printed.
            Stopped, DeadlinePassed: the program must end.
        """
        with ThreadPoolExecutor(2 * len(self._targets) + 1) as pool, _stopping_on_error():
            listings = [pool.submit(self._listing, target) for target in self._targets]
            file = open_dump(self._dump, start)
            try:
                sealed = self._seal(file, pool, listings)
            finally:
                os.close(file)
            say("Archiving encrypted database dump...")
            waited = {str(each.name) for each in self._waiting}
            deliveries = {
                pool.submit(self._deliver, target, sealed, listing): target
                for target, listing in zip(self._targets, listings, strict=True)
            }
            failed = [t for done in as_completed(deliveries) if not _succeeded(done, t := deliveries[done])]
            if failed and self._spool is not None:
                self._keep(self._spool, sealed, {target.name for target in failed})
            if not failed:  # never after a failed run
                work = {
                    pool.submit(self._prune, target, target.options.retention, sealed.name): target
                    for target in self._targets
                    if target.options.retention
                }
                unpruned = [target for done in as_completed(work) if not _succeeded(done, target := work[done])]
            # What earlier runs left unfinished takes nobody's time but what is left when all else is done.
            work = {
                pool.submit(self._recover, target, done.result(), waited): target
                for done, target in deliveries.items()
                if target not in failed
            }
            for done in as_completed(work):
                _succeeded(done, work[done])  # or says what is wrong: the run's own archive is there
        if failed:
            names = ", ".join(target.name for target in failed)
            healthy = len(deliveries) - len(failed)
            cause = f"{names} failed; {healthy} of {len(deliveries)} targets have a verified archive of this run"
            raise SomeTargetsFailed("archive", cause, "each target's line above says why and what to do")
        say("Encrypted database file is archived successfully.")
        if unpruned:
            names = ", ".join(target.name for target in unpruned)
            raise SomeTargetsFailed("retention", f"old archives stay in {names}", "each one's line above says why")

    def _seal(self, dump: int, pool: ThreadPoolExecutor, listings: list[Future[list[Entry]]]) -> _Sealed:
        say("Encrypting database dump...")
        check_room(self._workplace, os.fstat(dump).st_size)
        inspection = pool.submit(inspect, dump, self._dump, self._database.compression, self._deadline)
        path = self._workplace / "archive"
        plain, cipher = self._keys.encrypt(dump, path, self._deadline)
        found = inspection.result()
        if plain.size != os.fstat(dump).st_size:
            cause = f"{self._dump} changed while it was read"
            raise DumpError("dump", cause, "let nothing else write to it; nothing was uploaded")
        say("Database file is encrypted successfully.")
        if found.objection:  # psql may take it by hand: better that than no archive
            mend = "`pg-archive restore` takes it --to FILE only; change pgdumpOptions"
            say_error(f"dump: {self._dump} {found.objection}; {mend}")

        now = datetime.now(UTC)
        wait(listings, timeout=self._deadline.left)
        entries = [entry for listing in listings if _listed(listing) for entry in listing.result()]
        existing = [name for entry in entries if (name := ArchiveName.parse(entry.name, self._database.name))]
        existing += [waiting.name for waiting in self._waiting]
        name = new_name(self._database.name, self._database.compression, now, existing, self._keys.ending)
        manifest = Manifest(
            archive=str(name),
            database=self._database.name,
            host=self._host,
            postgresql=found.version,
            time=now,
            dump=plain,
            ciphertext=cipher,
            compression=self._database.compression,
            encryption=self._keys.encryption,
            recipients=self._keys.recipients,
            rows=found.rows,
        )
        return _Sealed(name, LocalFile(path, cipher), self._sealed(manifest))

    def _sealed(self, manifest: Manifest) -> LocalFile:
        path = self._workplace / f"manifest-{manifest.archive}"
        message = manifest.sealed(self._keys, self._deadline)
        path.write_bytes(message)
        return LocalFile(path, openpgp.digest(message))

    def _listing(self, target: Target) -> list[Entry]:
        """List it, in little time: it only helps to choose a name."""
        return Delivery(target, self._database, self._rclone, Deadline(_PATIENCE, self._deadline)).files()

    def _deliver(self, target: Target, sealed: _Sealed, listing: Future[list[Entry]]) -> list[Entry]:
        """Deliver to one target; return what was there before."""
        began = time.monotonic()
        delivery = Delivery(target, self._database, self._rclone, self._deadline)
        entries = listing.result() if _listed(listing) else delivery.files()
        if str(sealed.name) in {entry.name for entry in entries}:
            cause = f"{sealed.name} is already there"
            raise TargetError(str(delivery.target), "upload", cause, "the next run takes another name")
        soon = Deadline(min(_TIDYING, delivery.deadline.left / 4), delivery.deadline)
        tidy(Delivery(target, self._database, self._rclone, soon), entries, self._database.name)
        delivery.place(sealed.archive, str(sealed.name))
        delivery.place(sealed.manifest, sealed.name.manifest)
        for name in (str(sealed.name), sealed.name.manifest):
            delivery.check_lock(name)
        seconds = time.monotonic() - began
        size = sealed.archive.digest.size
        self._delivered[target.name] = Delivered(time.time(), size, seconds)
        say(f"Target {delivery.target} has {sealed.name}, {size} bytes, verified, after {seconds:.1f} s.")
        self._deliver_waiting(delivery, {entry.name for entry in entries})
        return entries

    def _recover(self, target: Target, entries: list[Entry], waited: set[str]) -> None:
        delivery = Delivery(target, self._database, self._rclone, self._deadline)
        recovery = Recovery(delivery, self._database.name, self._keys, self._host, self._workplace / "unfinished")
        recovery.run(entries, waited)

    def _open(self, spool: Spool) -> SpoolDirectory | None:
        """Open the spool; without it the archive goes its way all the same."""
        try:
            directory = SpoolDirectory(spool, self._database.name)
            for name, target in directory.forget_others(target.name for target in self._targets):
                say_error(f"spool: {name} waits no longer for {target}, to which nothing is uploaded any more")
        except OSError as error:
            say_error(f"spool: {error.filename}: {error.strerror}; this user must own it; this run does without")
            return None
        return directory

    def _keep(self, spool: SpoolDirectory, sealed: _Sealed, missing: set[str]) -> None:
        try:
            done = spool.keep(sealed.name, sealed.archive, sealed.manifest, missing)
        except OSError as error:
            say_error(f"spool: {sealed.name} cannot be kept: {error.strerror}")
        else:
            say(f"{sealed.name} is missing in {', '.join(sorted(missing))}. {done}")

    @property
    def _waiting(self) -> list[Waiting]:
        return list(self._spool.waiting) if self._spool is not None else []

    def _deliver_waiting(self, delivery: Delivery, present: set[str]) -> None:
        """Deliver what earlier runs could not, oldest first, in what this run's archive has left of the target's time.

        Nothing here fails the run, whose own archive has arrived: what cannot be delivered is said, and waits on.
        """
        target = delivery.target
        for waiting in self._waiting:
            if self._spool is None or target.name not in waiting.targets:
                continue
            try:
                self._deliver_late(delivery, waiting, present)
                self._spool.delivered(waiting, target.name)
            except TargetError as error:
                say_error(error)
                say(f"{waiting.name} goes on waiting for {target}.")
            except OSError as error:
                say_error(f"{waiting.name} for {target}: {error.filename}: {error.strerror}")
            else:
                say(f"Target {target} has {waiting.name}, which had waited for it, verified.")
            if delivery.deadline.passed:
                return

    def _deliver_late(self, delivery: Delivery, waiting: Waiting, present: set[str]) -> None:
        """Deliver what waited; what is ``present`` with a manifest that vouches for it was verified before that."""
        names = str(waiting.name), waiting.name.manifest
        since: datetime | None = waiting.name.taken
        if not set(names) <= present or not self._vouched(delivery, waiting):
            if LocalFile.of(waiting.archive.path) != waiting.archive:
                cause = f"{waiting.archive.path} is damaged"
                raise TargetError(
                    str(delivery.target), "spool", cause, f"remove {waiting.directory}; look at this disk"
                )
            delivery.place(waiting.archive, names[0])
            delivery.place(waiting.manifest, names[1])
            since = None
        for name in names:
            delivery.check_lock(name, since)

    def _vouched(self, delivery: Delivery, waiting: Waiting) -> bool:
        """Whether the manifest there vouches for what waits: a run that had no spool may have made one of its own."""
        message = delivery.read(waiting.name.manifest)
        if message == waiting.manifest.path.read_bytes():
            return True
        if self._keys.lacks(waiting.name):
            return False
        try:
            manifest = Manifest.opened(message, waiting.name, self._keys, delivery.deadline)
        except Stopped:
            raise
        except PgArchiveError:
            return False
        return (manifest.archive, manifest.ciphertext) == (str(waiting.name), waiting.archive.digest)

    def _prune(self, target: Target, retention: Retention, own: ArchiveName) -> None:
        deadline = Deadline(target.options.timeout, self._deadline)
        source = Source(target, self._database, self._rclone, self._keys, deadline)
        found = plan(source, retention, own)
        for error in found.broken:
            say_error(error)
        if deadline.passed:  # else it would be green, with nothing removed
            cause = f"its manifests could not be read within {target.options.timeout:g} s"
            raise TargetError(str(target), "retention", cause, "is it slow? No archive was removed there")
        carry_out(source, found)
        if found.remove:
            say(f"Target {target}: {len(found.remove)} old archives are removed, {len(found.keep)} stay.")


def _listed(listing: Future[list[Entry]]) -> bool:
    return listing.done() and listing.exception() is None


@contextmanager
def _stopping_on_error() -> Iterator[None]:
    """End what still runs, such as a listing that hangs, when the body fails."""
    try:
        yield
    except BaseException as error:
        if not isinstance(error, SomeTargetsFailed):
            process.stop()
        raise


def _succeeded(done: Future[list[Entry]] | Future[None], target: Target) -> bool:
    """Say how a target failed, if it did."""
    try:
        done.result()
    except Stopped:
        raise
    except PgArchiveError as error:
        say_error(error if isinstance(error, TargetError) else f"target {target}: {error}")
        return False
    except OSError as error:
        say_error(f"target {target}: {error.filename}: {error.strerror}; is the disk full?")
        return False
    except Exception as error:  # noqa: BLE001 - the other targets are to have their archives
        cause = f"{type(error).__name__}: {error}"
        say_error(f"target {target}: {cause}; this is a defect of pg-archive's own: report it")
        return False
    return True
