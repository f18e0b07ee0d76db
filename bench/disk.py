"""Disk usage: blocks, not lengths, because RAM and disk files are sparse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.frozen import frozen
from bench.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.gate import Gate


def disk(gate: Gate) -> Iterator[Result]:
    """Yield the sizes of the image and of the frozen site."""
    yield (image := Result("image-size", "MB", [_size(frozen(gate).image.directory)]))
    yield Result("template-size", "MB", [_size(frozen(gate).template.directory)], against=image)


def _size(directory: Path) -> float:
    return sum(path.stat().st_blocks * 512 for path in directory.rglob("*")) / 1e6
