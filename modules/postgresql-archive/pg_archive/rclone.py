"""rclone, one remote at a time, never a union: each call bounded, its complaint kept as the cause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pg_archive.complaint import failure
from pg_archive.deadline import Deadline
from pg_archive.errors import NotFound, ProgramFailed
from pg_archive.openpgp import Digest, Digester
from pg_archive.rcd import Unexplained, shared
from pg_archive.remotes import parted, split, with_options

_LOCKS = [1, 73]  # the first rclone with object lock
_IF_FREE = {"IgnoreExisting": True}


@dataclass(frozen=True)
class Entry:
    """A file at a remote: name without directory, size in bytes."""

    name: str
    size: int


class Rclone:
    """rclone with one configuration file; None: its own default.

    All methods raise what :meth:`~pg_archive.rcd.Rcd.call` raises.
    """

    def __init__(self, config: Path | None) -> None:
        self._rcd = shared(config)

    def config(self, deadline: Deadline) -> Mapping[str, Mapping[str, str]]:
        """Return the remotes that the configuration file defines. It contains secrets."""
        return self._rcd.call("reading rclone's configuration", deadline, "config/dump")

    def files(self, directory: str, deadline: Deadline, *, missing: bool = True) -> list[Entry]:
        """List the files right in a directory of a remote; if there is none such, and it may be ``missing``, none."""
        fs = directory if directory.endswith((":", "/")) else f"{directory}/"
        options = {"filesOnly": True, "noModTime": True, "noMimeType": True}
        try:
            found = self._rcd.call("list", deadline, "operations/list", fs=fs, remote="", opt=options)
        except NotFound:
            if missing:
                return []
            raise
        return [Entry(str(entry["Name"]), int(entry["Size"])) for entry in found["list"] or []]

    def upload(self, local: Path, remote: str, deadline: Deadline, options: Mapping[str, str] | None = None) -> None:
        """Upload a file under this name, or leave what is there: the caller reads it back.

        ``options`` are the backend's; where they disable its checksum, rclone compares none. "Immutable" does not keep
        rclone from overwriting a file (measured: rclone 1.60 and 1.75).
        """
        if options and "object_lock_mode" in options:
            self._check_locks(deadline)
        unchecked = {"IgnoreChecksum": True} if options and "disable_checksum" in options else {}
        self._copy("upload", str(local), with_options(remote, options or {}), deadline, _IF_FREE | unchecked)

    def write(self, local: Path, remote: str, deadline: Deadline) -> None:
        """Upload a file in the place of what is there."""
        self._copy("write", str(local), remote, deadline, {})

    def download(self, remote: str, local: Path, deadline: Deadline) -> None:
        """Download a file."""
        self._copy("download", remote, str(local), deadline, {})

    def move(self, source: str, destination: str, deadline: Deadline) -> None:
        """Rename a file at a remote; if the name is taken, nothing happens: the caller looks."""
        places = _places(source, destination)
        self._rcd.call("rename", deadline, "operations/movefile", **places, _config=_IF_FREE)

    def delete(self, remote: str, deadline: Deadline) -> None:
        """Delete one file."""
        fs, name = parted(remote)
        self._rcd.call("delete", deadline, "operations/deletefile", fs=fs, remote=name)

    def abort_uploads(self, remote: str, deadline: Deadline) -> None:
        """Abort S3's uploads in parts that were begun more than a second ago, to names that begin like this."""
        options = {"max-age": "1s"}
        self._rcd.call("abort uploads", deadline, "backend/command", command="cleanup", fs=remote, opt=options)

    def digest(self, remote: str, deadline: Deadline) -> Digest:
        """Read a file back and return what arrives."""
        digester = Digester()
        for chunk in self.chunks(remote, deadline):
            digester.update(chunk)
        return digester.digest()

    def sha256(self, remote: str, deadline: Deadline) -> str:
        """Let rclone read a file back, in half the time; "" if it is too old for that (1.60), or cannot read it."""
        options = {"hashType": "sha256", "download": True}
        try:
            lines = self._rcd.call("read back", deadline, "operations/hashsum", fs=remote, **options)["hashsum"]
        except ProgramFailed:
            return ""
        return str(lines[0]).partition(" ")[0] if len(lines) == 1 else ""

    def read(self, remote: str, deadline: Deadline, limit: int = 1 << 26) -> bytes:
        """Return a small file's bytes, at most ``limit`` and one chunk more."""
        content = bytearray()
        for chunk in self.chunks(remote, deadline):
            content += chunk
            if len(content) > limit:
                break
        return bytes(content)

    def checksum(self, kind: str, remote: str, deadline: Deadline) -> str:
        """Return a digest of a file as the store says it, "" if it has none of this kind (``md5``, ``sha1``, …)."""
        hashes = self._stat("checksum", remote, deadline, showHash=True, hashTypes=[kind]).get("Hashes") or {}
        found = str(hashes.get(kind, ""))
        return found if re.fullmatch(r"[0-9a-f]+", found) else ""

    def has(self, remote: str, deadline: Deadline) -> bool:
        """Whether a file is there."""
        try:
            self._stat("look", remote, deadline)
        except NotFound:
            return False
        return True

    def metadata(self, remote: str, deadline: Deadline) -> Mapping[str, str]:
        """Return what the store says of a file beside its bytes: for S3 ``object-lock-mode`` and others."""
        return self._stat("metadata", remote, deadline, metadata=True).get("Metadata") or {}

    def chunks(self, remote: str, deadline: Deadline) -> Iterator[bytes]:
        """Yield a file's bytes as they arrive; where the connection breaks, it goes on by another, once."""
        fs, name = parted(remote)
        arrived = 0
        try:
            for chunk in self._rcd.stream("read back", deadline, fs, name):
                arrived += len(chunk)
                yield chunk
        except Unexplained as error:
            cause = self._reason(deadline, remote, "--head=1")
            raise failure(error.step, cause or error.cause) from None
        except ProgramFailed:
            if not arrived:
                raise
            yield from self._rest(remote, deadline, arrived)

    def _rest(self, remote: str, deadline: Deadline, offset: int) -> Iterator[bytes]:
        """Yield a file's bytes from there on; none if the store says that it has no more, whatever size it lists."""
        fs, name = parted(remote)
        try:
            yield from self._rcd.stream("read back", deadline, fs, name, offset)
        except Unexplained as error:
            cause = self._reason(deadline, remote, f"--offset={offset}", "--count=1")
            if not re.search(r"\b416\b", cause):
                raise failure(error.step, cause or error.cause) from None

    def _reason(self, deadline: Deadline, remote: str, *options: str) -> str:
        """Return why a file cannot be read, "" if that is not known."""
        found = split(remote)
        if found and found["parameters"]:
            return ""  # they may be secrets, and everybody sees a program's arguments
        return self._rcd.reason("read back", deadline, "cat", *options, remote)

    def _copy(self, step: str, source: str, destination: str, deadline: Deadline, config: Mapping[str, object]) -> None:
        places = _places(source, destination)
        self._rcd.call(step, deadline, "operations/copyfile", **places, _config=config)

    def _stat(self, step: str, remote: str, deadline: Deadline, **options: object) -> Mapping[str, Any]:
        fs, name = parted(remote)
        options |= {"noModTime": True, "noMimeType": True}
        item = self._rcd.call(step, deadline, "operations/stat", fs=fs, remote=name, opt=options)["item"]
        if item is None:
            raise NotFound(step, "object not found")
        found: Mapping[str, Any] = item
        return found

    def _check_locks(self, deadline: Deadline) -> None:
        """See that this rclone knows of object lock: an older one takes the options and ignores them."""
        version = self._rcd.call("version", deadline, "core/version")
        if list(version["decomposed"]) < _LOCKS:
            cause = f"rclone {version['version']} has no object lock"
            raise ProgramFailed("object lock", cause, "this rclone is too old; 1.73 has object lock")


def _places(source: str, destination: str) -> dict[str, str]:
    (from_fs, from_name), (to_fs, to_name) = parted(source), parted(destination)
    return {"srcFs": from_fs, "srcRemote": from_name, "dstFs": to_fs, "dstRemote": to_name}
