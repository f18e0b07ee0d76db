"""A passphrase file that would surprise somebody on the worst day is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pg_archive.errors import PassphraseError
from pg_archive.passphrase import Passphrase


@pytest.mark.parametrize("end", ["", "\n"])
def test_one_line(tmp_path: Path, end: str) -> None:
    (tmp_path / "key").write_text(f"correct horse battery staple Zoë{end}", "utf-8")
    passphrase = Passphrase.read(tmp_path / "key", 16)
    assert passphrase.text == "correct horse battery staple Zoë"
    assert "horse" not in repr(passphrase)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"long enough to pass\r\n", "carriage return"),
        (b"long enough to pass\nsecond\n", "more than one line"),
        (b"long enough to pass \n", "begins or ends with a space"),
        (b"fifteen chars..\n", "has 15 characters, fewer than 16"),
        (b"\xff" * 20, "not text in UTF-8"),
        (b"x" * 5000, "longer than 4096 bytes"),
    ],
)
def test_what_is_refused(tmp_path: Path, content: bytes, complaint: str) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(PassphraseError, match=complaint) as error:
        Passphrase.read(tmp_path / "key", 16)
    assert "long enough" not in str(error.value)


def test_an_empty_file_is_no_reason_for_a_new_passphrase(tmp_path: Path) -> None:
    """Where a secret was not placed, a new one would leave older archives without theirs."""
    (tmp_path / "key").write_text("\n")
    with pytest.raises(PassphraseError, match=r"passphraseFile names is missing or empty .* not make a new") as error:
        Passphrase.read(tmp_path / "key", 16)
    assert "openssl" not in str(error.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(PassphraseError, match="cannot be read: No such file"):
        Passphrase.read(tmp_path / "key", 16)
