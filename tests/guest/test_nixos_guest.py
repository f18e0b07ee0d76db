"""The nixos guest up to where it boots: what it asks Nix for, and what it says if that cannot be had."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from harness.cache import Cache
from harness.guest.nixos import NixosGuest, NixosGuestError
from harness.progress import Progress
from harness.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., NixosGuest]]:
    with Workspace(tmp_path / "runs") as workspace:

        def make(*, built: Path | None = None, module: Path | None = None) -> NixosGuest:
            return NixosGuest(
                built=built,
                site=None,
                module=module,
                accelerator="tcg",
                cache=Cache(tmp_path / "cache"),
                workspace=workspace,
                progress=Progress(),
            )

        yield make


@pytest.fixture
def nix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a script in the place of Nix; it leaves its arguments in the file that is returned."""

    def put(script: str) -> Path:
        programs, asked = tmp_path / "bin", tmp_path / "asked"
        programs.mkdir()
        (programs / "nix").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {asked}\n{script}\n')
        (programs / "nix").chmod(0o755)
        monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
        return asked

    return put


def test_without_nix_it_names_the_other_guest(
    make: Callable[..., NixosGuest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NixosGuestError, match=r"Nix, which is not installed here.*leave out --gate-guest"):
        _ = make().image


def test_what_nix_cannot_fetch_is_said_in_one_sentence(
    make: Callable[..., NixosGuest], nix: Callable[[str], Path]
) -> None:
    nix("echo 'warning: slow' >&2; echo 'error: unable to download the input: no route' >&2; exit 1")
    with pytest.raises(NixosGuestError, match="unable to download the input: no route; without a binary") as refused:
        _ = make().image
    assert "slow" not in str(refused.value)


def test_the_module_under_test_is_handed_to_the_flake(
    make: Callable[..., NixosGuest], nix: Callable[[str], Path], tmp_path: Path
) -> None:
    (tmp_path / "guest").mkdir()
    # As Nix 2.8 and later ones say it; an option that 2.8 does not know ends it.
    built = json.dumps([{"drvPath": "/nix/store/guest.drv", "outputs": {"out": f"{tmp_path}/guest"}}])
    asked = nix(f"case $* in *--print-out-paths*) exit 1;; *--json*) echo '{built}';; esac")
    assert make(module=tmp_path / "my module.nix").image.directory == tmp_path / "guest"
    assert f'.override {{ module = /. + "{tmp_path}/my module.nix"; }}' in asked.read_text()


def test_a_built_guest_needs_no_nix(
    make: Callable[..., NixosGuest], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = tmp_path / "0123456789abcdfghijklmnpqrsvwxyz-pg-archive-gate-guest"
    built.mkdir()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert make(built=built).image.key == "0123456789abcdfg"
    assert make(built=built).image.disk == built / "disk.qcow2"
