"""A message made by hand as gpg makes none: its data has another cipher than the packet with its session key says."""

from __future__ import annotations

import hashlib
import os

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from tests.archive.encrypting import PASSPHRASE

_AES256, _SHA256, _ITERATED, _COUNT = 9, 8, 3, 96  # of RFC 4880, sections 9 and 3.7.1.3: 65536 bytes


def with_session_key(plaintext: bytes, algorithm: int, size: int) -> bytes:
    """A message whose session key AES-256 encrypts, and whose data AES with a key of ``size`` bytes does."""
    salt, session_key, prefix = os.urandom(8), os.urandom(size), os.urandom(16)
    packed = bytes([algorithm]) + session_key
    specifier = bytes([4, _AES256, _ITERATED, _SHA256]) + salt + bytes([_COUNT])
    literal = _packet(11, b"b\0" + bytes(4) + plaintext)
    data = prefix + prefix[-2:] + literal + b"\xd3\x14"
    data += hashlib.sha1(data, usedforsecurity=False).digest()
    return _packet(3, specifier + _encrypted(packed, _derived(salt))) + _packet(
        18, b"\1" + _encrypted(data, session_key)
    )


def _derived(salt: bytes) -> bytes:
    once = salt + PASSPHRASE.encode()
    return hashlib.sha256((once * (65_536 // len(once) + 1))[:65_536]).digest()


def _encrypted(content: bytes, key: bytes) -> bytes:
    """What CFB makes of it, from a block of zeros: newer releases of cryptography have that mode elsewhere."""
    encryptor, block, made = Cipher(AES(key), ECB()).encryptor(), bytes(16), b""
    for start in range(0, len(content), 16):
        block = bytes(a ^ b for a, b in zip(content[start : start + 16], encryptor.update(block), strict=False))
        made += block
    return made


def _packet(tag: int, body: bytes) -> bytes:
    return bytes([0xC0 | tag, 0xFF]) + len(body).to_bytes(4, "big") + body
