"""One archive to one target: upload, read back, manifest; each step tried again within the target's time."""

from __future__ import annotations

import errno
import hashlib
import operator
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pg_archive import openpgp, process
from pg_archive.configuration import Database
from pg_archive.deadline import Deadline
from pg_archive.errors import DeadlinePassed, NameTaken, PgArchiveError, ProgramFailed, Stopped, TargetError
from pg_archive.names import PARTIAL
from pg_archive.openpgp import Digest
from pg_archive.rclone import Entry, Rclone
from pg_archive.targets import Target

T = TypeVar("T")
# Before the second to fifth attempt: parts of the target's time, and seconds at most. They outlast a hiccup; an outage
# is for the next run, and whoever waits for this one should not wait for long.
_PAUSES = ((1 / 3000, 0.5), (1 / 600, 2.0), (1 / 120, 5.0), (1 / 30, 15.0))
_CLEAN_UP = 15.0  # seconds beyond the target's time, to remove what was not verified
_BEGINNING = 1 << 12  # bytes of a file that tell whose it is
_SHORTEST = 64  # bytes; no encrypted message is shorter
_SINGLE_PUT = 5 << 30  # bytes; beyond, S3 stores take several parts and have no digest of the whole
_SEVERAL_PARTS = 200 << 20  # bytes, rclone's own default: beyond, parts are uploaded, each with its digest
_LOCK_TOLERANCE = timedelta(hours=1)  # of a run, and of the clocks
_HASHES = ("sha256", "sha1", "md5")
_NO_FLUSH = frozenset((errno.EBADF, errno.EINVAL))  # of a directory, where the file system has none
_OWN_DIGEST = frozenset(("google cloud storage", "local", "s3"))
"""Backends whose digest is of what they keep; others may give the one that rclone noted beside it at the upload."""


@dataclass(frozen=True)
class LocalFile:
    """A finished file to upload."""

    path: Path
    digest: Digest

    @classmethod
    def of(cls, path: Path) -> LocalFile:
        """Return what is there now."""
        digester = openpgp.Digester()
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            for _ in openpgp.read(file, digester):
                pass
        finally:
            os.close(file)
        return cls(path, digester.digest())

    @cached_property
    def _others(self) -> dict[str, str]:
        file = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            hashes = [hashlib.sha1(usedforsecurity=False), hashlib.md5(usedforsecurity=False)]
            for chunk in openpgp.read(file):
                for each in hashes:
                    each.update(chunk)
        finally:
            os.close(file)
        return {each.name: each.hexdigest() for each in hashes}

    def checksum(self, kind: str) -> str:
        """Return its ``sha256``, ``sha1`` or ``md5``, hex."""
        return self.digest.sha256 if kind == "sha256" else self._others[kind]


def flush(path: Path) -> None:
    """Have a file or a directory written to its disk. Raises OSError."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    except OSError as error:
        if path.is_dir() and error.errno in _NO_FLUSH:
            return
        error.filename = str(path)  # which the system does not say
        raise
    finally:
        os.close(file)


class Delivery:
    """Of one database to one target, within that target's time from now; used by one thread."""

    def __init__(self, target: Target, database: Database, rclone: Rclone, within: Deadline) -> None:
        self.target = target
        self.deadline = Deadline(target.options.timeout, within)
        self._pauses = [min(part * target.options.timeout, most) for part, most in _PAUSES]
        self._prefix = database.prefix
        self._rclone = rclone

    def files(self) -> list[Entry]:
        """List what is there under the database's prefix.

        Raises:
            TargetError: it cannot be listed; as all methods here.
        """
        directory = self.target.at(self._prefix).rstrip("/")
        return self._attempts("list", lambda: self._rclone.files(directory, self.deadline))

    def place(self, file: LocalFile, name: str) -> None:
        """Put a file there under a name that is free, verified; if that fails, remove what may have arrived."""
        try:
            self._attempts(f"upload of {name}", lambda: self._place(file, name))
        except PgArchiveError as error:
            if isinstance(error, Stopped):
                raise
            self._remove_unverified(file, name, error)
            raise

    def check_lock(self, name: str, since: datetime | None = None) -> None:
        """See that the store refuses to delete a file for as long as it was asked to: some accept and ignore that.

        Now, or by an upload after ``since``.

        Raises:
            TargetError: it says otherwise; the file stays.
        """
        lock = self.target.options.object_lock
        if lock is None:
            return
        found = self._attempts(f"lock of {name}", lambda: self._rclone.metadata(self._at(name), self.deadline))
        until = found.get("object-lock-retain-until-date", "")
        now = datetime.now(UTC)
        least = min(since or now, now) + timedelta(days=lock.days) - _LOCK_TOLERANCE
        if found.get("object-lock-mode") != lock.mode or not until or datetime.fromisoformat(until) < least:
            cause = f"the store does not lock {name} for {lock.days} days ({lock.mode})"
            raise TargetError(
                str(self.target), "object lock", cause, "create the bucket with object lock, or unset objectLock"
            )

    def remove(self, name: str) -> None:
        """Delete a file."""
        self._attempts(f"delete {name}", lambda: self._rclone.delete(self._at(name), self.deadline))

    def abort_uploads(self, start: str) -> None:
        """Remove the parts of uploads that nobody completed, to names that begin like this, if key and time allow."""
        if self.target.kind == "s3":
            with suppress(ProgramFailed, DeadlinePassed):
                self._rclone.abort_uploads(self._at(start), self.deadline)

    def read(self, name: str) -> bytes:
        """Return a small file."""
        return self._attempts(f"read {name}", lambda: self._rclone.read(self._at(name), self.deadline))

    def download(self, name: str, path: Path) -> None:
        """Fetch a file."""
        self._attempts(f"download {name}", lambda: self._rclone.download(self._at(name), path, self.deadline))

    def _at(self, name: str) -> str:
        return self.target.at(f"{self._prefix}{name}")

    def _place(self, file: LocalFile, name: str) -> None:
        if self.target.atomic:
            self._upload(file, name)
            return
        partial = f"{name}{PARTIAL}"
        self._upload(file, partial)
        # A power cut leaves an archive whole or none, and no manifest of what is not there. An error of this is final:
        # of what could not be written, the kernel tells once.
        disk = self.target.local(self._prefix)
        if disk is not None:
            flush(disk / partial)
        self._rclone.move(self._at(partial), self._at(name), self.deadline)
        if disk is not None:
            flush(disk)
        found = {entry.name: entry.size for entry in self.files()}
        if partial in found or found.get(name) != file.digest.size:
            raise TargetError(str(self.target), "rename", f"{partial} did not become {name}", "look at both there")

    def _upload(self, file: LocalFile, name: str) -> None:
        options = {}
        if self.target.kind == "s3" and self._by_checksum(file):
            options = {"upload_cutoff": "5G"}
        elif self.target.kind == "s3" and file.digest.size >= _SEVERAL_PARTS:
            # rclone would hash it all first, for a note in the object: that would tell nothing of what is there.
            options = {"upload_cutoff": f"{_SEVERAL_PARTS}B", "disable_checksum": "true"}
        lock = self.target.options.object_lock
        if lock is not None:  # afterwards, since with the upload S3 wants a digest that rclone does not send
            options |= {"object_lock_mode": lock.mode, "object_lock_retain_until_date": f"{24 * lock.days}h"}
            options |= {"object_lock_set_after_upload": "true"}
        self._rclone.upload(file.path, self._at(name), self.deadline, options)
        wrong = self._difference(file, name) and self._difference(file, name)  # a flaw of the way back is no flaw there
        if wrong:
            if not self._is_from(file, name, self.deadline):
                mend = "give each host a path of its own in this store; the next run takes another name"
                raise NameTaken(str(self.target), "read back", f"{name} is not what this run uploaded", mend)
            with suppress(ProgramFailed):  # as for a key that may not; what is wrong there matters more
                self._rclone.delete(self._at(name), self.deadline)
            raise TargetError(str(self.target), "read back", wrong, "the store or the way there damages data")

    def _by_checksum(self, file: LocalFile) -> bool:
        if self.target.options.verify != "checksum" or self.target.kind not in _OWN_DIGEST:
            return False
        return self.target.kind != "s3" or file.digest.size < _SINGLE_PUT

    def _difference(self, file: LocalFile, name: str) -> str:
        """Return how what is there differs from the file, "" if it does not."""
        if self._by_checksum(file):
            for kind in _HASHES:
                found = self._rclone.checksum(kind, self._at(name), self.deadline)
                if found:
                    return "" if found == file.checksum(kind) else f"the store's {kind} of {name} is another"
        if self._rclone.sha256(self._at(name), self.deadline) == file.digest.sha256:
            return ""
        found_digest = self._rclone.digest(self._at(name), self.deadline)
        if found_digest == file.digest:
            return ""
        if found_digest.size != file.digest.size:
            return f"{name} came back with {found_digest.size} of {file.digest.size} bytes"
        return f"{name} came back with other bytes"

    def _is_from(self, file: LocalFile, name: str, deadline: Deadline) -> bool:
        """Whether what is there came from this file, if damaged or cut off, or is too short for anybody's archive.

        The name was free when it was listed, but another host may have taken it since. Encrypted messages begin with
        random bytes: two have hardly a byte in common.
        """
        there = self._rclone.read(self._at(name), deadline, _BEGINNING)[:_BEGINNING]
        with file.path.open("rb") as ours:
            same = sum(map(operator.eq, there, ours.read(_BEGINNING)))
        return len(there) < _SHORTEST or same > len(there) / 2

    def _remove_unverified(self, file: LocalFile, name: str, error: PgArchiveError) -> None:
        deadline = Deadline(_CLEAN_UP)
        for each in (name,) if self.target.atomic else (f"{name}{PARTIAL}",):
            try:
                directory = self.target.at(self._prefix).rstrip("/")
                there = any(entry.name == each for entry in self._rclone.files(directory, deadline))
                if there and self._is_from(file, each, deadline):
                    self._rclone.delete(self._at(each), deadline)
            except PgArchiveError as second:
                left = f"{each} may be there unverified ({second.cause}); the next run looks after it"
                raise TargetError(str(self.target), f"upload of {name}", error.cause, left) from None

    def _attempts(self, step: str, act: Callable[[], T]) -> T:
        """Act until it succeeds, with growing pauses.

        Raises:
            TargetError: it never did, within the attempts and the time.
            Stopped: the program is ending.
        """
        for pause in (*self._pauses, None):
            try:
                return act()
            except Stopped:
                raise
            except PgArchiveError as error:
                inner = error.step if isinstance(error, TargetError) else ""
                last = TargetError(str(self.target), step, _said(error, inner, self.target), error.mend)
                if isinstance(error, DeadlinePassed | NameTaken) or pause is None or pause >= self.deadline.left:
                    raise last from None
            process.stopping.wait(pause)
        raise AssertionError("the last attempt returns or raises")


def _said(error: PgArchiveError, inner: str, target: Target) -> str:
    prefix = inner.removeprefix(f"target {target}: ")
    return f"{prefix}: {error.cause}" if prefix else f"{error.step}: {error.cause}"
