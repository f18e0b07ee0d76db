"""Encrypted messages as gpg makes them, well or badly."""

from __future__ import annotations

from harness.archive.gnupg import gpg

PASSPHRASE = "correct horse; \"battery\" 'staple' ü"


def encrypted(plaintext: bytes, *options: str, passphrase: str = PASSPHRASE) -> bytes:
    """The message that gpg makes with the options; AES256 if they name no cipher."""
    # The last of two equal options counts. Without an agent, the count of S2K must be given.
    defaults = ("--cipher-algo=AES256", "--s2k-count=65536")
    result = gpg(*defaults, *options, "--symmetric", message=plaintext, passphrase=passphrase)
    assert result.status == 0, result.said
    return result.stdout
