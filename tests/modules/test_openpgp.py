"""What can be seen of an archive without the passphrase."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from harness.archive.packets import Packets, inspect
from pg_archive.deadline import Deadline
from pg_archive.errors import CryptoError, DamagedMessage
from pg_archive.openpgp import CHUNK, decrypt, decrypt_bytes, encrypt, encrypt_bytes
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


@pytest.fixture
def failing_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that gives the first chunk of a file, and no more."""
    real = os.pread

    def pread(file: int, length: int, offset: int) -> bytes:
        if offset >= CHUNK:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(file, length, offset)

    monkeypatch.setattr(os, "pread", pread)


@pytest.mark.usefixtures("failing_disk")
def test_what_cannot_be_read_to_its_end_is_not_encrypted(tmp_path: Path) -> None:
    (tmp_path / "dump").write_bytes(os.urandom(2 * CHUNK))
    with (tmp_path / "dump").open("rb") as dump, pytest.raises(CryptoError, match=r"reading failed: Input/output"):
        encrypt(dump.fileno(), tmp_path / "archive", Passphrase(PASSPHRASE), Deadline(30))


@pytest.mark.usefixtures("failing_disk")
def test_what_cannot_be_read_to_its_end_is_not_called_damaged(tmp_path: Path) -> None:
    message = encrypt_bytes(os.urandom(2 * CHUNK), Passphrase(PASSPHRASE), Deadline(30))
    (tmp_path / "archive").write_bytes(message)
    with pytest.raises(CryptoError, match="reading failed: Input/output") as raised:
        decrypt(tmp_path / "archive", tmp_path / "dump", Passphrase(PASSPHRASE), Deadline(30))
    assert not isinstance(raised.value, DamagedMessage)


@pytest.mark.parametrize(
    "script",
    [
        "exit 127",
        "echo 'gpg: error while loading shared libraries: libz.so.1' >&2; exit 127",
        "echo 'gpg: out of core' >&2; exit 2",
        "echo '[GNUPG:] PLAINTEXT 62 0' >&2; echo 'gpg: out of core' >&2; exit 2",
    ],
)
def test_a_gpg_that_cannot_work_calls_nothing_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    (tmp_path / "gpg").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "gpg").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(CryptoError, match=r"gpg failed with status (2|127)") as raised:
        decrypt_bytes(b"message", Passphrase(PASSPHRASE), Deadline(30))
    assert not isinstance(raised.value, DamagedMessage)


@pytest.mark.parametrize(
    "script", ["echo half; exit 2", "exit 0", "echo 'gpg: one' >&2; echo 'gpg: the last' >&2; exit 2"]
)
def test_a_gpg_that_cannot_work_encrypts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    (tmp_path / "gpg").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "gpg").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    said = "the last" if "last" in script else "it said nothing"
    with pytest.raises(CryptoError, match=rf"gpg failed with status [02]: .*{said}"):
        encrypt_bytes(b"message", Passphrase(PASSPHRASE), Deadline(30))


@pytest.mark.parametrize("length", [0, 1, 2, 3, 5, 6, 14, 40, -1])
def test_what_is_cut_off_is_damaged(length: int) -> None:
    message = encrypt_bytes(b"x" * 100, Passphrase(PASSPHRASE), Deadline(30))
    with pytest.raises(DamagedMessage):
        decrypt_bytes(message[:length], Passphrase(PASSPHRASE), Deadline(30))


def test_a_file_that_cannot_be_made_is_told_of_the_step(tmp_path: Path) -> None:
    (tmp_path / "archive").write_bytes(encrypt_bytes(b"x", Passphrase(PASSPHRASE), Deadline(30)))
    nowhere, taken = tmp_path / "absent" / "dump", tmp_path / "taken"
    taken.write_bytes(b"another's")
    for path, cause in ((nowhere, "No such file"), (taken, "File exists")):
        with pytest.raises(CryptoError, match=rf"^decryption: {path} cannot be created: {cause}"):
            decrypt(tmp_path / "archive", path, Passphrase(PASSPHRASE), Deadline(30))
    assert taken.read_bytes() == b"another's"
