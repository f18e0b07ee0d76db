"""A RAM is what it was after it has been kept as a delta."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from harness.machine.ram_delta import apply_delta, write_delta

if TYPE_CHECKING:
    from pathlib import Path

_PAGE = 4096
_SIZE = 16 << 20


def sparse(path: Path, pages: dict[int, bytes]) -> Path:
    with path.open("wb") as file:
        file.truncate(_SIZE)
        for number, content in pages.items():
            file.seek(number * _PAGE)
            file.write(content.ljust(_PAGE, b"\0"))
    return path


ZERO = b"\0" * _PAGE
CASES = {
    "the same": ({1: b"a"}, {1: b"a"}),
    "a page changed": ({1: b"a", 2: b"b"}, {1: b"a", 2: b"c"}),
    "the last byte of a page": ({7: b"a"}, {7: b"a" + b"\0" * (_PAGE - 2) + b"x"}),
    "a page where there was a hole": ({}, {3000: b"new"}),
    "a hole where there was a page": ({3000: b"old"}, {}),
    "zeros where there was a page": ({5: b"old"}, {5: ZERO}),
    "the first and the last": ({}, {0: b"first", _SIZE // _PAGE - 1: b"last"}),
    "over the edge of a chunk": ({255: b"a", 256: b"b"}, {255: b"c", 256: b"d"}),
}


@pytest.mark.parametrize("case", CASES)
def test_it_comes_back(tmp_path: Path, case: str) -> None:
    before, after = CASES[case]
    base, ram, delta = sparse(tmp_path / "base", before), sparse(tmp_path / "ram", after), tmp_path / "delta"
    write_delta(base, ram, delta)
    again = tmp_path / "again"
    shutil.copyfile(base, again)
    apply_delta(delta, again)
    assert again.read_bytes() == ram.read_bytes()
    assert delta.stat().st_mode & 0o777 == 0o600


def test_it_is_as_small_as_the_difference(tmp_path: Path) -> None:
    pages = {number: os.urandom(_PAGE) for number in range(0, 4000, 3)}
    base = sparse(tmp_path / "base", pages)
    ram = sparse(tmp_path / "ram", pages | {9: b"changed", 4001: b"new"})
    write_delta(base, ram, tmp_path / "delta")
    assert (tmp_path / "delta").stat().st_size == 2 * (8 + _PAGE)
