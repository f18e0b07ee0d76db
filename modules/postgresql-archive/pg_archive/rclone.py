"""rclone, one remote at a time, never a union: each call bounded, its last complaint kept as the cause."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pg_archive import process
from pg_archive.errors import ProgramFailed
from pg_archive.openpgp import CHUNK, Digest, Digester

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pg_archive.deadline import Deadline

_NOT_FOUND = (3, 4)  # rclone's exit statuses for a missing directory or file
_COMMON = (
    "--retries=1",  # this program tries again itself, within its time
    "--low-level-retries=2",
    "--contimeout=15s",
    "--timeout=60s",  # without a byte
    "--stats=0",
    "--use-json-log",
    "--log-level=NOTICE",
    "--s3-no-check-bucket",  # a key that may not make buckets is fine
)
# No name of rclone's own for what is being uploaded, which would stay after a kill: the caller gives one. (rclone 1.63)
_ENVIRONMENT = {"RCLONE_INPLACE": "true"}
# The caller tries again; rclone's own second attempt comes seconds later, and would hold up a restore from another.
_LIST = ("lsjson", "--files-only", "--no-modtime", "--no-mimetype", "--low-level-retries=1")
# What an operator can do about what stores say.
_MENDS = (
    (r"403|accessdenied|access denied|permission denied|unauthorized|\b401\b", "check what this key may do there"),
    (r"signaturedoesnotmatch|invalidaccesskeyid", "check the key in rclone's configuration"),
    (r"nosuchbucket|bucket does not exist|directory not found", "check the bucket's name"),
    (r"requesttimetooskewed|time may be set wrong", "set this host's clock"),
    (r"no such host|lookup .*: ", "check the host name and this host's DNS"),
    (r"certificate|x509", "check the store's certificate and this host's certificate authorities"),
    (r"connection refused|unreachable|i/o timeout|timeout", "check that the store is up and reachable from here"),
    (r"503|slowdown|500|internalerror|429|reset|eof", "look at the provider's status; the next run tries again"),
    (r"no space|quota", "free space there"),
    (r"unknown flag", "this rclone is too old; 1.73 has object lock"),
    (r"didn't find section", "check the remote's name in rclone's configuration"),
)


@dataclass(frozen=True)
class Entry:
    """A file at a remote: name without directory, size in bytes."""

    name: str
    size: int


class Rclone:
    """rclone with one configuration file; None: its own default."""

    def __init__(self, config: Path | None) -> None:
        self._config = config

    def config(self, deadline: Deadline) -> Mapping[str, Mapping[str, str]]:
        """Return the remotes that the configuration file defines. It contains secrets.

        Raises:
            ProgramFailed: rclone cannot read it; or as :mod:`pg_archive.process`, as all methods here.
        """
        found: dict[str, dict[str, str]] = json.loads(
            self._output("reading rclone's configuration", deadline, "config", "dump")
        )
        return found

    def files(self, directory: str, deadline: Deadline, *, missing: bool = True) -> list[Entry]:
        """List the files right in a directory of a remote; if there is none such, and it may be ``missing``, none."""
        try:
            text = self._output("list", deadline, *_LIST, directory)
        except ProgramFailed as error:
            if missing and error.code in _NOT_FOUND:
                return []
            raise
        entries: list[dict[str, Any]] = json.loads(text)
        return [Entry(str(entry["Name"]), int(entry["Size"])) for entry in entries]

    def upload(self, local: Path, remote: str, deadline: Deadline, *options: str) -> None:
        """Upload a file under this name, or leave what is there: the caller reads it back.

        ``--immutable`` does not keep ``copyto`` from overwriting a file (measured: rclone 1.60 and 1.75).
        """
        self._output("upload", deadline, "copyto", "--ignore-existing", *options, str(local), remote)

    def download(self, remote: str, local: Path, deadline: Deadline) -> None:
        """Download a file."""
        self._output("download", deadline, "copyto", remote, str(local))

    def move(self, source: str, destination: str, deadline: Deadline) -> None:
        """Rename a file at a remote; if the name is taken, nothing happens: the caller looks."""
        self._output("rename", deadline, "moveto", "--ignore-existing", source, destination)

    def delete(self, remote: str, deadline: Deadline) -> None:
        """Delete one file."""
        self._output("delete", deadline, "deletefile", remote)

    def digest(self, remote: str, deadline: Deadline) -> Digest:
        """Read a file back and return what arrives; the empty file's if there is none, as some stores have it."""
        digester = Digester()
        for chunk in self.chunks(remote, deadline):
            digester.update(chunk)
        return digester.digest()

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
        line = self._output("checksum", deadline, "hashsum", kind, remote).decode().strip()
        return line.split(" ", 1)[0] if re.match(r"[0-9a-f]+ ", line) else ""

    def metadata(self, remote: str, deadline: Deadline) -> Mapping[str, str]:
        """Return what the store says of a file beside its bytes: for S3 ``object-lock-mode`` and others."""
        text = self._output("metadata", deadline, "lsjson", "--metadata", remote)
        entries: list[dict[str, Any]] = json.loads(text)
        return entries[0].get("Metadata") or {} if len(entries) == 1 else {}

    def run(self, step: str, deadline: Deadline, *arguments: str) -> bytes:
        """Run any other rclone command and return its output."""
        return self._output(step, deadline, *arguments)

    def chunks(self, remote: str, deadline: Deadline) -> Iterator[bytes]:
        """Yield a file's bytes as they arrive; none if there is no such file, as some stores have it."""
        command = self._command("cat", remote)
        with process.child(command, step="read back", deadline=deadline, stdin=subprocess.DEVNULL) as running:
            while chunk := running.stdout.read(CHUNK):
                yield chunk
            _check("read back", running.wait())

    def _output(self, step: str, deadline: Deadline, *arguments: str) -> bytes:
        finished = process.run(self._command(*arguments), step=step, deadline=deadline, environment=_ENVIRONMENT)
        _check(step, finished)
        return finished.stdout

    def _command(self, *arguments: str) -> list[str]:
        config = [] if self._config is None else [f"--config={self._config}"]
        return ["rclone", *config, *_COMMON, *arguments]


def _check(step: str, finished: process.Finished) -> None:
    if finished.status == 0:
        return
    cause = _cause(finished)
    mend = next((mend for pattern, mend in _MENDS if re.search(pattern, cause, re.IGNORECASE)), "")
    raise ProgramFailed(step, cause, mend, code=finished.status)


def _cause(finished: process.Finished) -> str:
    """Return rclone's last complaint in one line, without what only repeats."""
    said = [text for line in finished.stderr if (text := _message(line))]
    if not said:
        return f"rclone failed with status {finished.status} and said nothing"
    text = re.sub(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ", "", said[-1])
    text = re.sub(r"^Failed to \S+( with \d+ errors)?: (last error was: )?", "", text)
    return re.sub(r"\s+", " ", text).strip()[:400]


def _message(line: str) -> str:
    try:
        return str(json.loads(line)["msg"])
    except (ValueError, KeyError, TypeError):
        return line
