"""What a message reveals about its encryption, for good and bad messages by gpg."""

from __future__ import annotations

import gzip

import pytest

from harness.archive.decryption import decrypt
from harness.archive.errors import NotEncrypted
from harness.archive.packets import Packets
from harness.database.compression import spooled
from tests.archive.encrypting import PASSPHRASE, encrypted, inspected
from tests.archive.session_key import with_session_key

# GnuPG 2.2 defaults to SHA1, 2.4 to SHA512.
SAID = ("--s2k-count=65011712", "--s2k-digest-algo=SHA256")
GOOD = Packets(
    passphrases=1,
    public_keys=0,
    cipher="AES256",
    s2k_mode=3,
    s2k_hash="SHA256",
    s2k_count=65_011_712,
    integrity_protected=True,
)


def test_a_good_message() -> None:
    assert inspected(encrypted(b"x", *SAID)) == GOOD


def test_a_long_message_in_pieces() -> None:
    message = encrypted(bytes(range(256)) * 20_000, "--compress-algo=none", *SAID)
    assert len(message) > 5_000_000
    assert inspected(message) == GOOD


@pytest.mark.parametrize(
    ("options", "aspect", "value"),
    [
        (["--cipher-algo=CAST5"], "cipher", "CAST5"),
        (["--cipher-algo=3DES"], "cipher", "3DES"),
        (["--cipher-algo=AES"], "cipher", "AES"),
        (["--s2k-mode=0"], "s2k_mode", 0),
        (["--s2k-mode=0"], "s2k_count", None),
        (["--s2k-mode=1"], "s2k_mode", 1),
        (["--s2k-mode=1"], "s2k_count", None),
        (["--s2k-count=65536"], "s2k_count", 65_536),
        (["--s2k-digest-algo=SHA512"], "s2k_hash", "SHA512"),
        (["--rfc2440", "--cipher-algo=AES256"], "integrity_protected", False),
    ],
)
def test_a_weak_message(options: list[str], aspect: str, value: object) -> None:
    assert getattr(inspected(encrypted(b"x", *options)), aspect) == value


@pytest.mark.parametrize(("algorithm", "size", "cipher"), [(7, 16, "AES"), (8, 24, "AES192"), (9, 32, "AES256")])
def test_only_its_decryption_tells_the_datas_cipher_from_its_session_keys(
    algorithm: int, size: int, cipher: str
) -> None:
    message = with_session_key(b"x", algorithm, size)
    assert inspected(message).cipher == "AES256"
    with spooled(message) as file, spooled(b"") as plaintext:
        assert decrypt(file, PASSPHRASE, plaintext) == {cipher}


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        (b"", "it is empty"),
        (gzip.compress(b"SELECT 1"), "it is plain gzip"),
        (b"--\n-- PostgreSQL database dump\n", "it is plain SQL"),
        (b"\x00" * 100, "it is something else"),
        (b"\xcb\x07b\x00\x00\x00\x00\x00x", "it is something else"),  # a literal packet, OpenPGP but not encrypted
    ],
    ids=["empty", "gzip", "sql", "zeros", "literal"],  # gzip contains the time, and workers must agree on ids
)
def test_no_encrypted_message(message: bytes, complaint: str) -> None:
    with pytest.raises(NotEncrypted, match=complaint):
        inspected(message)
