"""Room for what a run writes. The disk here is its answer; a real one is full in a scenario."""

from __future__ import annotations

import shutil
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from pg_archive.errors import CryptoError
from pg_archive.scratch import check_room

if TYPE_CHECKING:
    from pathlib import Path

GB = 1 << 30


@pytest.mark.parametrize(("total", "spare"), [(100 * GB, 64 << 20), (GB, 32 << 20)])
def test_an_archive_leaves_a_little_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, total: int, spare: int
) -> None:
    disk = SimpleNamespace(total=total, free=1000 + spare)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk)
    check_room(tmp_path, 1000)
    disk.free -= 1
    told = f"the disk is full: {tmp_path.parent} has {disk.free} bytes free, and the archive needs {1000 + spare}"
    with pytest.raises(CryptoError, match=told):
        check_room(tmp_path, 1000)
