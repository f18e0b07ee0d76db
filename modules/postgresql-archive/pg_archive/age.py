"""Messages to age recipients: whoever encrypts needs no key that decrypts.

age authenticates each message against damage; but anybody who knows a recipient can make another message to it.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NoReturn

from pg_archive import process
from pg_archive.errors import ConfigurationError, CryptoError, DamagedMessage, WrongPassphrase
from pg_archive.openpgp import Digest, Digester, new_private, read, through
from pg_archive.recipients import HYBRID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pg_archive.deadline import Deadline

ENCRYPTION = "age-encryption.org/v1"
_HYBRID_SINCE = (1, 3)


def check_program(recipients: Sequence[str], deadline: Deadline) -> None:
    """See that the age at hand encrypts to them.

    Raises:
        ConfigurationError: it is too old.
        ProgramFailed: there is none; or as :mod:`pg_archive.process`.
    """
    said = process.run(["age", "--version"], step="encryption", deadline=deadline).stdout.decode().strip()
    version = re.search(r"(\d+)\.(\d+)", said)  # a build by hand says none
    old = version is not None and (int(version[1]), int(version[2])) < _HYBRID_SINCE
    if old and any(recipient.startswith(HYBRID) for recipient in recipients):
        cause = f"is {said}, and post-quantum recipients ({HYBRID}…) need 1.3"
        raise ConfigurationError("age", cause, "update it, or use other recipients")


def check_identity(path: Path) -> None:
    """See that a file holds an identity.

    Raises:
        ConfigurationError: it cannot be read, or holds none.
    """
    where = f"identity file {path}"
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigurationError(where, f"cannot be read: {error.strerror}", "is it there, for this user?") from None
    except UnicodeDecodeError:
        text = ""
    if not re.search(r"^AGE-(SECRET-KEY|PLUGIN)-", text, re.MULTILINE):
        mend = "give what `age-keygen` wrote; if it is encrypted itself, decrypt it first"
        raise ConfigurationError(where, "holds no identity of age's", mend)


def encrypt(source: int, destination: Path, recipients: Sequence[str], deadline: Deadline) -> tuple[Digest, Digest]:
    """Encrypt an open file into a new private one (0600), flushed to disk; return both digests, plaintext first.

    Raises:
        CryptoError: age failed, the source cannot be read to its end, or the disk is full.
        DeadlinePassed, Stopped, ProgramFailed: as :mod:`pg_archive.process`.
    """
    plain = Digester()
    with new_private(destination, "encryption") as file:
        cipher = through(
            _encryption(recipients), "encryption", lambda: read(source, plain), file, deadline, _encryption_failed
        )
    return plain.digest(), cipher


def encrypt_bytes(message: bytes, recipients: Sequence[str], deadline: Deadline) -> bytes:
    """Encrypt something small. Raises what :func:`encrypt` raises."""
    ended = process.run(_encryption(recipients), step="encryption", deadline=deadline, message=message)
    if ended.status != 0 or not ended.stdout:
        _encryption_failed(ended)
    return ended.stdout


def decrypt(source: Path, destination: Path, identity: Path, deadline: Deadline) -> Digest:
    """Decrypt a file into a new private one (0600), completely and authenticated, and return its digest.

    Unless it returns, ``destination`` must not be used: age writes what came before the damage.

    Raises:
        WrongPassphrase: this identity does not open it.
        DamagedMessage: it was tampered with, cut off, or is no age message.
        CryptoError: age failed otherwise.
        DeadlinePassed, Stopped, ProgramFailed: as :mod:`pg_archive.process`.
    """
    ciphertext = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with new_private(destination, "decryption") as file:
            return through(
                _decryption(identity), "decryption", lambda: read(ciphertext), file, deadline, _decryption_failed
            )
    finally:
        os.close(ciphertext)


def decrypt_bytes(message: bytes, identity: Path, deadline: Deadline) -> bytes:
    """Decrypt something small, authenticated. Raises what :func:`decrypt` raises."""
    ended = process.run(_decryption(identity), step="decryption", deadline=deadline, message=message)
    if ended.status != 0:
        _decryption_failed(ended)
    return ended.stdout


def _encryption(recipients: Sequence[str]) -> list[str]:
    return ["age", "--encrypt", *(f"--recipient={recipient}" for recipient in recipients)]


def _decryption(identity: Path) -> list[str]:
    return ["age", "--decrypt", f"--identity={identity}"]


def _encryption_failed(ended: process.Finished) -> NoReturn:
    raise CryptoError("encryption", f"age failed with status {ended.status}: {_last_word(ended)}")


def _decryption_failed(ended: process.Finished) -> NoReturn:
    if ended.status < 0:  # it says nothing of the message
        raise CryptoError("decryption", f"age was killed by signal {-ended.status}", "is this host short of memory?")
    said = _last_word(ended)
    if "no identity matched" in said:
        raise WrongPassphrase("decryption", f"this identity does not open the message ({said})")
    if re.search(r"header|payload|EOF", said):
        cause = f"the message is damaged, cut off, or was tampered with ({said})"
        raise DamagedMessage("decryption", cause, "use another archive")
    raise CryptoError("decryption", f"age failed with status {ended.status}: {said}")


def _last_word(ended: process.Finished) -> str:
    said = [line.removeprefix("age: error: ") for line in ended.stderr if line.startswith("age: error: ")]
    return said[-1] if said else "it said nothing"
