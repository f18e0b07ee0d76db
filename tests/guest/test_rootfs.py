"""The root filesystem's cache key."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.guest.image import rootfs
from harness.guest.image.rootfs import RELEASES, rootfs_key
from harness.guest.image.tool import ImageError

if TYPE_CHECKING:
    from tests.conftest import StandIn


def test_each_release_has_its_own() -> None:
    assert len({rootfs_key(release) for release in RELEASES}) == len(RELEASES)


def test_an_unknown_release_is_refused() -> None:
    with pytest.raises(ImageError, match="choose one of bookworm, trixie"):
        rootfs_key("sarge")


def test_the_hooks_are_part_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = Path(rootfs.__file__).parent
    for name in ("essential-hook.sh", "customize-hook.sh", "packages.txt"):
        shutil.copy(here / name, tmp_path)
    monkeypatch.setattr(rootfs, "files", lambda _: tmp_path)
    before = rootfs_key("bookworm")
    assert before == rootfs_key("bookworm")
    with (tmp_path / "customize-hook.sh").open("a") as hook:
        hook.write("true\n")
    assert rootfs_key("bookworm") != before


def test_more_packages_are_another_rootfs() -> None:
    usual, more = rootfs_key("bookworm"), rootfs_key("bookworm", ["postgresql-15-postgis-3"])
    assert usual == rootfs_key("bookworm", [])
    assert usual != more


def test_apt_that_does_not_name_its_mirrors(monkeypatch: pytest.MonkeyPatch, stand_in: StandIn) -> None:
    monkeypatch.setattr(rootfs, "_NAMED", 0.2)
    stand_in("apt-get", "exec sleep 60")
    with pytest.raises(ImageError, match=r"apt-get did not name this host's mirrors within 0\.2 s; try again"):
        rootfs._sources("bookworm")
