"""Decryption on the host with only the passphrase, by two implementations that share no code.

GnuPG and Sequoia (through pysequoia) must find the same plaintext. It is returned only after both have checked the
whole message: gpg writes a tampered message's plaintext before it notices.
"""

from __future__ import annotations

import pysequoia

from harness.archive.errors import ArchiveError, CorruptArchive, DecryptionDisagreement, WrongPassphrase
from harness.archive.gnupg import gpg

_NO_KEY = "No key to decrypt message"  # Sequoia's message when no passphrase fits


def decrypt(message: bytes, passphrase: str) -> bytes:
    """Decrypt a message with both implementations; return the plaintext.

    A message damaged in its first bytes (salt and key check) cannot be told from one made with another passphrase.

    Raises:
        WrongPassphrase: the passphrase does not fit.
        CorruptArchive: the message is truncated, altered, or not OpenPGP.
        DecryptionDisagreement: only one decrypts it, or the plaintexts differ.
        GpgError: gpg cannot be run.
    """
    if not passphrase:  # gpg would prompt for another
        raise WrongPassphrase("the passphrase is empty")
    by_gpg, by_sequoia = _by_gpg(message, passphrase), _by_sequoia(message, passphrase)
    if isinstance(by_gpg, bytes) and isinstance(by_sequoia, bytes):
        if by_gpg != by_sequoia:
            sizes = f"{len(by_gpg)} and {len(by_sequoia)} bytes"
            raise DecryptionDisagreement(f"gpg and Sequoia both decrypt the archive, but to different things ({sizes})")
        return by_gpg
    if isinstance(by_gpg, bytes):
        raise DecryptionDisagreement(f"gpg decrypts the archive, Sequoia does not: {by_sequoia!s}")
    if isinstance(by_sequoia, bytes):
        raise DecryptionDisagreement(f"Sequoia decrypts the archive, gpg does not: {by_gpg!s}")
    # If one got past the key check, the key is right and the rest is damaged.
    raise by_sequoia if isinstance(by_sequoia, CorruptArchive) else by_gpg


def _by_gpg(message: bytes, passphrase: str) -> bytes | ArchiveError:
    result = gpg("--decrypt", message=message, passphrase=passphrase)
    if result.status == 0 and "DECRYPTION_OKAY" in result.states:
        return result.stdout
    if "BAD_PASSPHRASE" in result.states:
        return WrongPassphrase("the passphrase does not fit the archive (or its first bytes are damaged)")
    return CorruptArchive(f"the archive does not decrypt: {result.last_word or 'gpg gave no reason'}")


def _by_sequoia(message: bytes, passphrase: str) -> bytes | ArchiveError:
    try:
        plaintext: bytes | None = pysequoia.decrypt(message, passwords=[passphrase]).bytes
    except RuntimeError as error:  # pysequoia's only error
        reason = (str(error).splitlines() or ["no reason given"])[0]  # a Rust backtrace may follow
        if reason == _NO_KEY:
            return WrongPassphrase("the passphrase does not fit the archive (or its first bytes are damaged)")
        return CorruptArchive(f"the archive does not decrypt: {reason}")
    return plaintext or b""
