"""The root filesystem's cache key."""

from __future__ import annotations

import pytest

from harness.guest.image.rootfs import RELEASES, rootfs_key
from harness.guest.image.tool import ImageError


def test_each_release_has_its_own() -> None:
    assert len({rootfs_key(release) for release in RELEASES}) == len(RELEASES)


def test_an_unknown_release_is_refused() -> None:
    with pytest.raises(ImageError, match="choose one of bookworm, trixie"):
        rootfs_key("sarge")
