"""Two dumps of one state have the same wording; any other difference is one."""

from __future__ import annotations

import gzip
import tempfile

import pytest

from harness.archive import wording as module
from harness.archive.wording import wording

WORD, OTHER = b"a1" * 31 + b"Z", b"b2" * 31 + b"Y"
DUMP = b"--\n-- PostgreSQL database dump\n--\n\n\\restrict %b\n\nCOPY t FROM stdin;\n1\tone\n\\.\n\n\\unrestrict %b\n\n"


def of(content: bytes) -> str | None:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        return wording(file)


@pytest.mark.parametrize("piece", [1, 7, 64, 1 << 20])
def test_the_drawn_word_is_none_of_it(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    """Wherever a piece ends."""
    monkeypatch.setattr(module, "_PIECE", piece)
    assert of(DUMP % (WORD, WORD)) == of(gzip.compress(DUMP % (OTHER, OTHER)))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(DUMP.replace(b"one", b"two") % (WORD, WORD), id="a row"),
        pytest.param(DUMP % (WORD, WORD) + b"-- more\n", id="longer"),
        pytest.param((DUMP % (WORD, WORD))[:-1], id="shorter"),
        pytest.param(DUMP % (WORD, OTHER), id="a word that was not drawn"),
        pytest.param(DUMP.replace(b"one", OTHER) % (WORD, WORD), id="a row like a word"),
    ],
)
def test_all_else_is(other: bytes) -> None:
    assert of(other) != of(DUMP % (WORD, WORD))


def test_a_short_word_may_be_one_of_the_text() -> None:
    """As somebody chooses it by --restrict-key."""
    assert of(DUMP % (b"n", b"n")) != of(DUMP % (b"e", b"e"))


def test_a_row_that_reads_like_a_word_is_one() -> None:
    r"""A carriage return is written as \r: such a row begins like the line."""
    row = DUMP.replace(b"\\restrict %b\n\n", b"").replace(b"1\tone", b"\\restrict %b").replace(b"\\unrestrict %b", b"")
    assert of(row % WORD) != of(row % OTHER)


def test_what_does_not_decompress_has_none() -> None:
    assert of(gzip.compress(DUMP)[:-9]) is None
