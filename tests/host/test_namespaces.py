"""Where no namespaces can be created: the container's own /nix, or one sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.guest.image import tool
from harness.host import namespaces
from harness.site import nix

if TYPE_CHECKING:
    from tests.conftest import StandIn


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(namespaces, "refusal", lambda: "unshare failed: Operation not permitted")


def test_the_own_store_is_used_where_they_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(namespaces, "refusal", lambda: "")
    assert nix.place(tmp_path) == tmp_path


@pytest.mark.parametrize("writable", [True, False])
def test_slash_nix_is_used_where_they_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: None, writable: bool
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: writable)
    if writable:
        assert nix.place(tmp_path) == Path("/")
    else:
        with pytest.raises(nix.NixError, match=r"no site can be built here: .*not permitted.*run as root in the cont"):
            nix.place(tmp_path)


def test_an_image_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch, refused: None) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(tool.ImageError, match=r"root or a user namespace: unshare failed: .*run as root"):
        tool.as_root()


def test_what_another_user_of_the_namespace_owns_is_removed(tmp_path: Path) -> None:
    """An image that was being made has such directories, and its maker may have been killed."""
    half = tmp_path / "half"
    script = (
        'mkdir -p "$0/root/lists" && touch "$0/root/lists/partial" && chown -R 42:42 "$0/root"; chmod 700 "$0/root"'
    )
    subprocess.run([*tool.as_root(), "sh", "-c", script, str(half)], check=True, timeout=60)
    namespaces.remove_tree(half)
    assert not half.exists()


@pytest.mark.parametrize("what", ["does not end", "is not there"])
def test_what_cannot_be_removed_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stand_in: StandIn, what: str
) -> None:
    monkeypatch.setattr(shutil, "rmtree", lambda path, ignore_errors: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(namespaces, "refusal", lambda: "")
    monkeypatch.setattr(namespaces, "_REMOVAL_LIMIT", 0.2)
    stand_in("unshare", "exec sleep 60")
    if what == "is not there":
        monkeypatch.setenv("PATH", str(tmp_path / "none"))
    namespaces.remove_tree(tmp_path)
    assert tmp_path.exists()


def test_unshare_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    namespaces.refusal.cache_clear()
    assert "util-linux" in namespaces.refusal()
    (tmp_path / "unshare").write_text("#!/bin/sh\necho 'unshare: unshare failed: No' >&2; exit 1\n")
    (tmp_path / "unshare").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    namespaces.refusal.cache_clear()
    assert namespaces.refusal() == "unshare failed: No"
    namespaces.refusal.cache_clear()
