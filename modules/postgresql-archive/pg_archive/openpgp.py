"""OpenPGP messages encrypted by a passphrase: AES-256, S2K iterated and salted at full count, with MDC.

gpg gets a home directory that does not exist, no keyring and no agent: it leaves nothing behind. Bytes are hashed as
they pass.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from pg_archive import process
from pg_archive.errors import CryptoError, DamagedMessage, WrongPassphrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pg_archive.deadline import Deadline
    from pg_archive.passphrase import Passphrase

CHUNK = 1 << 18
"""Bytes that are read at once."""
ENCRYPTION = "OpenPGP symmetric AES256, S2K iterated and salted, count 65011712, SHA512"

_COMMON = (
    "gpg",
    "--homedir=/nonexistent",
    "--no-options",
    "--no-keyring",
    "--no-random-seed-file",
    "--no-autostart",
    "--lock-never",
    "--batch",
    "--pinentry-mode=loopback",
    "--status-fd=2",
)
# What is compressed already is not compressed again, and what is not was meant not to be.
_ENCRYPT = (
    "--symmetric",
    "--cipher-algo=AES256",
    "--s2k-mode=3",
    "--s2k-digest-algo=SHA512",
    "--s2k-count=65011712",
    "--compress-algo=none",
    "--output=-",
)
_NO_MEMORY = re.compile(r"^gpg: .*(?:out of core|out of memory|cannot allocate memory)", re.MULTILINE | re.IGNORECASE)
_PACKET = re.compile(r"^gpg: .*(?:packet|algorithm)", re.MULTILINE)


@dataclass(frozen=True)
class Digest:
    """Size in bytes and SHA-256, hex."""

    size: int
    sha256: str


class Digester:
    """Counts and hashes."""

    def __init__(self) -> None:
        self._size = 0
        self._hash = hashlib.sha256()

    def update(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._size += len(chunk)
        self._hash.update(chunk)

    def digest(self) -> Digest:
        """Return what was seen so far."""
        return Digest(self._size, self._hash.hexdigest())


def digest(content: bytes) -> Digest:
    """Return the digest of something small."""
    return Digest(len(content), hashlib.sha256(content).hexdigest())


def read(file: int, digester: Digester | None = None) -> Iterator[bytes]:
    """Read a descriptor from its beginning, without moving its offset; several threads may do so."""
    offset = 0
    while chunk := os.pread(file, CHUNK, offset):
        offset += len(chunk)
        if digester is not None:
            digester.update(chunk)
        yield chunk


def encrypt(source: int, destination: Path, passphrase: Passphrase, deadline: Deadline) -> tuple[Digest, Digest]:
    """Encrypt an open file into a new private one (0600), flushed to disk; return both digests, plaintext first.

    Raises:
        CryptoError: gpg failed, the source cannot be read to its end, or the disk is full.
        DeadlinePassed, Stopped, ProgramFailed: as :mod:`pg_archive.process`.
    """
    plain = Digester()
    with new_private(destination, "encryption") as file:
        cipher = _gpg(_ENCRYPT, lambda: read(source, plain), file, passphrase, deadline, _encryption_failed)
    return plain.digest(), cipher


def encrypt_bytes(message: bytes, passphrase: Passphrase, deadline: Deadline) -> bytes:
    """Encrypt something small. Raises what :func:`encrypt` raises."""
    with passphrase.descriptor() as descriptor:
        command = [*_COMMON, f"--passphrase-fd={descriptor}", *_ENCRYPT]
        ended = process.run(command, step="encryption", deadline=deadline, message=message, pass_fds=[descriptor])
    if ended.status != 0 or not ended.stdout:
        _encryption_failed(ended)
    return ended.stdout


def decrypt(source: Path, destination: Path, passphrase: Passphrase, deadline: Deadline) -> Digest:
    """Decrypt a file into a new private one (0600), completely and authenticated, and return its digest.

    Unless it returns, ``destination`` must not be used: gpg writes the plaintext before it knows of tampering.

    Raises:
        WrongPassphrase: this passphrase does not open it.
        DamagedMessage: it was tampered with, cut off, or is no OpenPGP message.
        CryptoError: gpg failed otherwise.
        DeadlinePassed, Stopped, ProgramFailed: as :mod:`pg_archive.process`.
    """
    ciphertext = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with new_private(destination, "decryption") as file:
            return _gpg(
                ("--decrypt",), lambda: read(ciphertext), file, passphrase, deadline, _decryption_failed, _check
            )
    finally:
        os.close(ciphertext)


def decrypt_bytes(message: bytes, passphrase: Passphrase, deadline: Deadline) -> bytes:
    """Decrypt something small, authenticated. Raises what :func:`decrypt` raises."""
    with passphrase.descriptor() as descriptor:
        command = [*_COMMON, f"--passphrase-fd={descriptor}", "--decrypt"]
        ended = process.run(command, step="decryption", deadline=deadline, message=message, pass_fds=[descriptor])
    if ended.status != 0:
        _decryption_failed(ended)
    _check(ended)
    return ended.stdout


def _gpg(
    arguments: tuple[str, ...],
    chunks: Callable[[], Iterator[bytes]],
    file: int,
    passphrase: Passphrase,
    deadline: Deadline,
    failed: Callable[[process.Finished], NoReturn],
    check: Callable[[process.Finished], None] = lambda _: None,
) -> Digest:
    step = "decryption" if "--decrypt" in arguments else "encryption"
    with passphrase.descriptor() as descriptor:
        command = [*_COMMON, f"--passphrase-fd={descriptor}", *arguments]
        return through(command, step, chunks, file, deadline, failed, check, pass_fds=[descriptor])


def through(
    command: list[str],
    step: str,
    chunks: Callable[[], Iterator[bytes]],
    file: int,
    deadline: Deadline,
    failed: Callable[[process.Finished], NoReturn],
    check: Callable[[process.Finished], None] = lambda _: None,
    *,
    pass_fds: Sequence[int] = (),
) -> Digest:
    """Run a program from ``chunks`` into ``file``, hashing what comes out.

    Raises what ``failed`` and ``check`` raise, and what :func:`encrypt` does.
    """
    out = Digester()
    with process.child(command, step=step, deadline=deadline, stdin=subprocess.PIPE, pass_fds=pass_fds) as program:
        writer = process.feed(program, chunks)
        try:
            while chunk := program.stdout.read(CHUNK):
                out.update(chunk)
                view = memoryview(chunk)
                while view:
                    view = view[os.write(file, view) :]
            os.fsync(file)
        except OSError as error:
            raise CryptoError(step, f"writing failed: {error.strerror}", "is the disk full?") from None
        ended = program.wait()
        try:
            writer.join()
        except OSError as error:
            raise CryptoError(step, f"reading failed: {error.strerror}", "is the disk failing?") from None
    if ended.status != 0:
        failed(ended)
    check(ended)
    return out.digest()


class new_private:  # noqa: N801 - used like a function
    """A new file 0600, open for writing by a step; its directory entry is flushed with it."""

    def __init__(self, path: Path, step: str) -> None:
        self._path = path
        self._step = step

    def __enter__(self) -> int:
        try:
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise CryptoError(self._step, f"{self._path} cannot be created: {error.strerror}") from None
        return self._file

    def __exit__(self, *_: object) -> None:
        os.close(self._file)
        directory = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def _encryption_failed(ended: process.Finished) -> NoReturn:
    raise CryptoError("encryption", f"gpg failed with status {ended.status}: {_last_word(ended)}")


def _decryption_failed(ended: process.Finished) -> NoReturn:
    if ended.status < 0:  # it says nothing of the message
        raise CryptoError("decryption", f"gpg was killed by signal {-ended.status}", "is this host short of memory?")
    states = _states(ended)
    said = "\n".join(ended.stderr)
    # Of a beginning that it does not understand gpg may complain without a status line.
    if _NO_MEMORY.search(said) or not (states or _PACKET.search(said)):
        raise CryptoError("decryption", f"gpg failed with status {ended.status}: {_last_word(ended)}")
    if "PLAINTEXT" in states or "BADMDC" in states:
        raise DamagedMessage(
            "decryption", "the message is damaged, cut off, or was tampered with", "use another archive"
        )
    if "NODATA" in states or not states & {"NEED_PASSPHRASE_SYM", "ENC_TO"}:
        raise DamagedMessage(
            "decryption", "this is no OpenPGP message, or its beginning is damaged", "use another archive"
        )
    raise WrongPassphrase("decryption", f"this passphrase does not open the message ({_last_word(ended)})")


def _check(ended: process.Finished) -> None:
    """See that the plaintext is one, and authenticated."""
    states = _states(ended)
    if not {"DECRYPTION_OKAY", "GOODMDC"} <= states:
        raise DamagedMessage("decryption", "the message is not protected against tampering", "use another archive")


def _states(ended: process.Finished) -> set[str]:
    """Return the keywords of gpg's status lines (doc/DETAILS of GnuPG)."""
    return {line.split()[1] for line in ended.stderr if line.startswith("[GNUPG:] ")}


def _last_word(ended: process.Finished) -> str:
    said = [line.removeprefix("gpg: ") for line in ended.stderr if line.startswith("gpg: ")]
    return said[-1] if said else "it said nothing"
