"""Messages encrypted by gpg, well or badly."""

from __future__ import annotations

from functools import cache

from harness.archive.gnupg import gpg

PASSPHRASE = "correct horse; \"battery\" 'staple' ü"


def encrypted(plaintext: bytes, *options: str, passphrase: str = PASSPHRASE) -> bytes:
    """The message that gpg makes with the options; AES256 if they name no cipher."""
    # Of repeated options the last counts. Without an agent, the S2K count must be given.
    defaults = ("--cipher-algo=AES256", "--s2k-count=65536")
    result = gpg(*defaults, *_old_ciphers(), *options, "--symmetric", message=plaintext, passphrase=passphrase)
    assert result.status == 0, result.said
    return result.stdout


@cache
def _old_ciphers() -> tuple[str, ...]:
    """The option that gpg needs since 2.4 (gpg(1)) to encrypt with 3DES or CAST5."""
    allow = "--allow-old-cipher-algos"
    known = gpg("--dump-options", message=b"", passphrase=None).stdout.decode().split()
    return (allow,) if allow in known else ()
