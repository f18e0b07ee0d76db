"""Messages encrypted by gpg, well or badly."""

from __future__ import annotations

import tempfile
from functools import cache
from typing import TYPE_CHECKING

from harness.archive.decryption import decrypt
from harness.archive.gnupg import gpg
from harness.archive.packets import inspect
from harness.database.compression import spooled

if TYPE_CHECKING:
    from harness.archive.packets import Packets

PASSPHRASE = "correct horse; \"battery\" 'staple' ü"


def encrypted(plaintext: bytes, *options: str, passphrase: str = PASSPHRASE) -> bytes:
    """The message that gpg makes with the options; AES256 if they name no cipher."""
    # Of repeated options the last counts. Without an agent, the S2K count must be given.
    defaults = ("--cipher-algo=AES256", "--s2k-count=65536")
    with spooled(plaintext) as file:
        result = gpg(*defaults, *_old_ciphers(), *options, "--symmetric", message=file, passphrase=passphrase)
    assert result.status == 0, result.said
    return result.stdout


def decrypted(message: bytes, passphrase: str) -> bytes:
    """What the two implementations find in a message."""
    with spooled(message) as file, tempfile.TemporaryFile() as plaintext:
        decrypt(file, passphrase, plaintext)
        plaintext.seek(0)
        return plaintext.read()


def inspected(message: bytes) -> Packets:
    with spooled(message) as file:
        return inspect(file)


@cache
def _old_ciphers() -> tuple[str, ...]:
    """The option that gpg needs since 2.4 (gpg(1)) to encrypt with 3DES or CAST5."""
    allow = "--allow-old-cipher-algos"
    with spooled(b"") as nothing:
        known = gpg("--dump-options", message=nothing, passphrase=None).stdout.decode().split()
    return (allow,) if allow in known else ()
