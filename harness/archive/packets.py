"""What an OpenPGP message reveals about its encryption without a passphrase."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import IO

from harness.archive.errors import NotEncrypted
from harness.archive.gnupg import LIMIT, gpg

# RFC 4880 sections 9.2 and 9.4, RFC 5581; gpg's names.
_CIPHERS = {1: "IDEA", 2: "3DES", 3: "CAST5", 4: "BLOWFISH", 7: "AES", 8: "AES192", 9: "AES256", 10: "TWOFISH",
            11: "CAMELLIA128", 12: "CAMELLIA192", 13: "CAMELLIA256"}  # fmt: skip
_HASHES = {1: "MD5", 2: "SHA1", 3: "RIPEMD160", 8: "SHA256", 9: "SHA384", 10: "SHA512", 11: "SHA224"}

_SYMMETRIC = re.compile(
    r"^:symkey enc packet: version \d+, cipher (?P<cipher>\d+),.*?s2k (?P<mode>\d+), hash (?P<hash>\d+)", re.MULTILINE
)
_COUNT = re.compile(r"^\s+salt [0-9A-F]+, count (\d+)", re.MULTILINE)
_DATA = re.compile(r"^:(?:aead )?encrypted (?:data )?packet:", re.MULTILINE)
_AUTHENTICATED = re.compile(r"^(?:\s+mdc_method: \d+|:aead encrypted packet:)", re.MULTILINE)


@dataclass(frozen=True)
class Packets:
    """The first packets of an encrypted message."""

    passphrases: int
    """How many passphrases it has."""
    public_keys: int
    """How many public keys it is encrypted to."""
    cipher: str | None
    """gpg's name, such as AES256; None without a passphrase. With an encrypted session key, that key's: the data may
    have another, which only decryption shows."""
    s2k_mode: int | None
    """How the key is derived from the passphrase (RFC 4880, 3.7.1): 0 simple, 1 salted, 3 iterated and salted."""
    s2k_hash: str | None
    s2k_count: int | None
    """Bytes hashed per guess at the passphrase; None unless iterated."""
    integrity_protected: bool
    """Whether tampering is detected: by a modification detection code, or by AEAD."""


def inspect(message: IO[bytes], *, limit: float = LIMIT) -> Packets:
    """Read the packets in front of the encrypted data.

    Raises:
        NotEncrypted: the bytes are not an OpenPGP message, or not encrypted.
        LimitMet: gpg takes longer than ``limit`` seconds.
    """
    # gpg ends with an error, as it has no passphrase; by then it has listed all that is needed here.
    listed = gpg("--list-packets", message=message, passphrase=None, limit=limit)
    listing = listed.stdout.decode("utf-8", "replace")
    if not _DATA.search(listing):
        raise NotEncrypted(f"{_kind(_head(message))}, not an encrypted OpenPGP message")
    symmetric = _SYMMETRIC.search(listing)
    count = _COUNT.search(listing)
    return Packets(
        passphrases=len(_SYMMETRIC.findall(listing)),
        public_keys=listing.count("\n:pubkey enc packet:") + listing.startswith(":pubkey enc packet:"),
        cipher=cipher_name(int(symmetric["cipher"])) if symmetric else None,
        s2k_mode=int(symmetric["mode"]) if symmetric else None,
        s2k_hash=_HASHES.get(int(symmetric["hash"]), f"number {symmetric['hash']}") if symmetric else None,
        s2k_count=int(count[1]) if count else None,
        integrity_protected=_AUTHENTICATED.search(listing) is not None,
    )


def cipher_name(number: int) -> str:
    """Return gpg's name of a symmetric algorithm, such as AES256."""
    return _CIPHERS.get(number, f"number {number}")


def _head(message: IO[bytes]) -> bytes:
    message.seek(0)
    return message.read(100)


def _kind(message: bytes) -> str:
    """Say what the bytes look like."""
    if not message:
        return "it is empty"
    if message.startswith(b"\x1f\x8b"):
        return "it is plain gzip"
    if message.lstrip().startswith((b"--", b"SET ")):
        return "it is plain SQL"
    return "it is something else"
