"""Decryption on the host with only the passphrase, by two implementations that share no code.

GnuPG and Sequoia (through pysequoia) must find the same plaintext. It is returned only after both have checked the
whole message: gpg writes a tampered message's plaintext before it notices. From file to file, in little memory.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import pysequoia

from harness.archive.content import FULL, TemporaryFilesFull, full_disk_said
from harness.archive.errors import ArchiveError, CorruptArchive, DecryptionDisagreement, WrongPassphrase
from harness.archive.gnupg import LIMIT, gpg
from harness.archive.packets import cipher_name
from harness.errors import GateError
from harness.host.process import dying_with_us

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_KEY = "No key to decrypt message"  # Sequoia's message when no passphrase fits


def decrypt(message: IO[bytes], passphrase: str, plaintext: IO[bytes], *, limit: float = LIMIT) -> frozenset[str]:
    """Decrypt a message with both implementations into a file that is empty; return the ciphers of its data.

    A message damaged in its first bytes (salt and key check) cannot be told from one made with another passphrase.

    Raises:
        WrongPassphrase: the passphrase does not fit.
        CorruptArchive: the message is truncated, altered, or not OpenPGP.
        DecryptionDisagreement: only one decrypts it, or the plaintexts differ.
        GpgError: gpg cannot be run.
        LimitMet: gpg takes longer than ``limit`` seconds.
        TemporaryFilesFull: this host has no room for the plaintexts.
    """
    if not passphrase:  # gpg would prompt for another
        raise WrongPassphrase("the passphrase is empty")
    with tempfile.TemporaryFile() as other:
        by_gpg, by_sequoia = _by_gpg(message, passphrase, plaintext, limit), _by_sequoia(message, passphrase, other)
        if isinstance(by_gpg, frozenset) and by_sequoia is None:
            if _digest(plaintext) != _digest(other):
                sizes = f"{plaintext.seek(0, os.SEEK_END)} and {other.seek(0, os.SEEK_END)} bytes"
                raise DecryptionDisagreement(
                    f"gpg and Sequoia both decrypt the archive, but to different things ({sizes})"
                )
            return by_gpg
    if isinstance(by_gpg, frozenset):
        raise DecryptionDisagreement(f"gpg decrypts the archive, Sequoia does not: {by_sequoia!s}")
    if by_sequoia is None:
        raise DecryptionDisagreement(f"Sequoia decrypts the archive, gpg does not: {by_gpg!s}")
    # If one got past the key check, the key is right and the rest is damaged.
    raise by_sequoia if isinstance(by_sequoia, CorruptArchive) else by_gpg


def _by_gpg(message: IO[bytes], passphrase: str, plaintext: IO[bytes], limit: float) -> ArchiveError | frozenset[str]:
    result = gpg("--decrypt", message=message, passphrase=passphrase, output=plaintext, limit=limit)
    if result.status == 0 and "DECRYPTION_OKAY" in result.states:
        return frozenset(map(cipher_name, result.ciphers))
    if "BAD_PASSPHRASE" in result.states:
        return WrongPassphrase("the passphrase does not fit the archive (or its first bytes are damaged)")
    if any(FULL in sentence for sentence in result.said):
        raise TemporaryFilesFull
    return CorruptArchive(f"the archive does not decrypt: {result.last_word or 'gpg gave no reason'}")


def _by_sequoia(message: IO[bytes], passphrase: str, plaintext: IO[bytes]) -> ArchiveError | None:
    try:
        with full_disk_said(), _piped(message) as pipe:
            pysequoia.decrypt_file(_path(pipe), _path(plaintext.fileno()), passwords=[passphrase])
    except RuntimeError as error:  # pysequoia's only error
        reason = (str(error).splitlines() or ["no reason given"])[0]  # a Rust backtrace may follow
        if reason == _NO_KEY:
            return WrongPassphrase("the passphrase does not fit the archive (or its first bytes are damaged)")
        return CorruptArchive(f"the archive does not decrypt: {reason}")
    return None


@contextmanager
def _piped(file: IO[bytes]) -> Iterator[int]:
    """Yield a pipe with a file's content: Sequoia would map the file itself into memory.

    A process writes it, since pysequoia lets no other thread run meanwhile. If that fails, the message looks cut off:
    GateError is raised, whatever the reader has found.
    """
    os.lseek(file.fileno(), 0, os.SEEK_SET)
    with subprocess.Popen(dying_with_us(["cat"]), stdin=file, stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            yield process.stdout.fileno()
        finally:
            process.terminate()  # the reader may stop early
            status = process.wait()
            if status not in {0, -signal.SIGTERM, -signal.SIGPIPE}:
                raise GateError(f"cat, which reads the archive for Sequoia, ended with status {status}")


def _path(descriptor: int) -> str:
    return f"/proc/self/fd/{descriptor}"


def _digest(file: IO[bytes]) -> bytes:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").digest()  # type: ignore[arg-type] # it has a descriptor
