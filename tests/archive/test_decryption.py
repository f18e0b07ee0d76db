"""Two implementations decrypt; what either refuses is refused, and none of it is returned."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import psutil
import pysequoia
import pytest

from harness.archive import gnupg
from harness.archive.content import TemporaryFilesFull, content
from harness.archive.decryption import decrypt
from harness.archive.errors import ArchiveError, CorruptArchive, DecryptionDisagreement, WrongPassphrase
from harness.database.compression import spooled
from harness.errors import GateError
from tests.archive.encrypting import PASSPHRASE, decrypted, encrypted, inspected

PLAINTEXT = secrets.token_bytes(300_000)


@pytest.fixture(scope="module")
def message() -> bytes:
    return encrypted(PLAINTEXT)


def flipped(message: bytes, position: int) -> bytes:
    changed = bytearray(message)
    changed[position] ^= 1
    return bytes(changed)


def test_the_right_passphrase(message: bytes) -> None:
    assert decrypted(message, PASSPHRASE) == PLAINTEXT


@pytest.mark.parametrize("plaintext", [b"", b"x", b"\x1f\x8b\x00"])
@pytest.mark.parametrize("options", [[], ["--compress-algo=none"], ["--compress-algo=zlib"], ["--armor"]])
def test_any_message(plaintext: bytes, options: list[str]) -> None:
    assert decrypted(encrypted(plaintext, *options), PASSPHRASE) == plaintext


@pytest.mark.parametrize("passphrase", ["wrong", PASSPHRASE + " ", PASSPHRASE[:-1]])
def test_another_passphrase(message: bytes, passphrase: str) -> None:
    with pytest.raises(WrongPassphrase, match="passphrase does not fit"):
        decrypted(message, passphrase)


def test_no_passphrase(message: bytes) -> None:
    with pytest.raises(WrongPassphrase, match="the passphrase is empty"):
        decrypted(message, "")


def test_a_passphrase_of_two_lines_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match="one line"):
        decrypted(message, f"{PASSPHRASE}\nsecond")


@pytest.mark.parametrize("position", [100, 150_000, -30, -1])
def test_a_flipped_bit(message: bytes, position: int) -> None:
    with pytest.raises(CorruptArchive, match="does not decrypt"):
        decrypted(flipped(message, position), PASSPHRASE)


def test_a_flipped_bit_in_the_salt_looks_like_another_passphrase(message: bytes) -> None:
    with pytest.raises(WrongPassphrase, match="or its first bytes are damaged"):
        decrypted(flipped(message, 8), PASSPHRASE)


@pytest.mark.parametrize("kept", [-1, -20, -1000, 1000, 3, 1])
def test_a_truncated_message(message: bytes, kept: int) -> None:
    with pytest.raises((CorruptArchive, WrongPassphrase)):
        decrypted(message[:kept], PASSPHRASE)


@pytest.mark.parametrize("other", [b"", b"\x1f\x8b\x08\x00", b"--\n-- PostgreSQL database dump\n", bytes(1000)])
def test_no_message_at_all(other: bytes) -> None:
    with pytest.raises(CorruptArchive):
        decrypted(other, PASSPHRASE)


def test_a_message_that_only_one_of_them_takes() -> None:
    # Sequoia's policy refuses 64-bit block ciphers; gpg takes them.
    with pytest.raises(DecryptionDisagreement, match="gpg decrypts the archive, Sequoia does not: "):
        decrypted(encrypted(PLAINTEXT, "--cipher-algo=3DES"), PASSPHRASE)


def test_a_message_that_they_read_differently() -> None:
    # In text mode a message has CR LF; gpg converts it to LF, Sequoia does not.
    with pytest.raises(DecryptionDisagreement, match="but to different things"):
        decrypted(encrypted(b"one\ntwo\n", "--textmode"), PASSPHRASE)


def test_a_full_disk_of_the_host_is_no_damage(message: bytes) -> None:
    with spooled(message) as file, Path("/dev/full").open("r+b", buffering=0) as full:
        with pytest.raises(TemporaryFilesFull, match="TMPDIR"):
            decrypt(file, PASSPHRASE, full)
        with pytest.raises(TemporaryFilesFull, match="TMPDIR"), content(lambda _: full.write(b"x")):
            pytest.fail("it was written")


def test_a_full_disk_that_sequoia_meets(message: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    real = pysequoia.decrypt_file
    monkeypatch.setattr(pysequoia, "decrypt_file", lambda source, _, **how: real(source, "/dev/full", **how))
    with pytest.raises(TemporaryFilesFull, match="TMPDIR"):
        decrypted(message, PASSPHRASE)


@pytest.mark.parametrize("helper", ["gpg", "cat"])
def test_a_helper_that_the_host_kills_is_no_damage(
    message: bytes, helper: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / helper).write_text("#!/bin/sh\nkill -KILL $$\n")
    (tmp_path / helper).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(GateError, match=f"^{helper}") as raised:
        decrypted(message, PASSPHRASE)
    assert not isinstance(raised.value, ArchiveError)


def test_nothing_is_left_behind(message: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"{os.environ['PATH']}:{tmp_path}"  # the only environment variable for gpg, which identifies its children
    monkeypatch.setenv("PATH", path)
    elsewhere = [option for option in gnupg._OPTIONS if not option.startswith("--homedir=")]
    monkeypatch.setattr(gnupg, "_OPTIONS", [*elsewhere, f"--homedir={tmp_path / 'home'}"])  # which gpg could make
    decrypted(message, PASSPHRASE)
    inspected(message)
    running = psutil.process_iter(["name", "environ"])  # this form skips processes that end meanwhile
    assert [each.info["name"] for each in running if (each.info["environ"] or {}).get("PATH") == path] == []
    assert list(tmp_path.iterdir()) == []
