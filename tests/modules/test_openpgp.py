"""What can be seen of an archive without the passphrase."""

from __future__ import annotations

from pathlib import Path

from harness.archive.packets import Packets, inspect
from pg_archive.deadline import Deadline
from pg_archive.openpgp import encrypt_bytes
from pg_archive.passphrase import Passphrase
from tests.modules.conftest import PASSPHRASE


def test_what_everybody_sees_of_an_archive(tmp_path: Path) -> None:
    """A guess costs 65,011,712 bytes of SHA-512, nearly the most that OpenPGP can say (RFC 4880, 3.7.1.3)."""
    archive = tmp_path / "archive"
    archive.write_bytes(encrypt_bytes(b"x", Passphrase(PASSPHRASE), Deadline(30)))
    with archive.open("rb") as message:
        seen = inspect(message)
    assert seen == Packets(
        passphrases=1,
        public_keys=0,
        cipher="AES256",
        s2k_mode=3,
        s2k_hash="SHA512",
        s2k_count=65011712,
        integrity_protected=True,
    )
