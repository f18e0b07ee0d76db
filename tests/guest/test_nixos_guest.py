"""The nixos guest until it boots: what it asks Nix for, and its errors if that is unavailable."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from harness.guest.guest import NoBlankMachine, Surroundings
from harness.guest.nixos import NixosGuest, NixosGuestError
from harness.host.cache import Cache
from harness.host.progress import Progress
from harness.host.workspace import Workspace
from harness.machine import acceleration
from harness.machine.acceleration import Acceleration
from harness.options import Options
from harness.site.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., NixosGuest]]:
    with Workspace(tmp_path / "runs") as workspace:

        def make(*, built: Path | None = None, module: Path | None = None, accel: str = "tcg") -> NixosGuest:
            options = Options(guest="nixos", nixos_guest=built, module=module, accel=accel)
            cache = Cache(tmp_path / "cache")
            return NixosGuest(Surroundings(options, cache, workspace, Progress(), Vault(tmp_path / "vault")))

        yield make


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """What Nix built, as far as it is examined before it boots."""
    path = tmp_path / "0123456789abcdfghijklmnpqrsvwxyz-pg-archive-gate-guest"
    path.mkdir()
    for name in ("vmlinuz", "initrd", "disk.qcow2", "manifest.json"):
        (path / name).write_text(name)
    (path / "cmdline").write_text("root=/dev/vda rw init=/nix/store/first/init\n")
    return path


@pytest.fixture
def nix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a script in place of Nix; it writes its arguments to the returned file."""

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
    make: Callable[..., NixosGuest], nix: Callable[[str], Path], built: Path, tmp_path: Path
) -> None:
    # The messages of Nix 2.8 and later; 2.8 fails on an unknown option.
    said = json.dumps([{"drvPath": "/nix/store/guest.drv", "outputs": {"out": str(built)}}])
    asked = nix(f"case $* in *--print-out-paths*) exit 1;; *--json*) echo '{said}';; esac")
    assert make(module=tmp_path / "my module.nix").image.directory.name == built.name
    assert f'.override {{ module = /. + "{tmp_path}/my module.nix"; }}' in asked.read_text()


@pytest.mark.parametrize(("of_git", "flake"), [(True, "git+file://{}/my%20gate?shallow=1"), (False, "{}/my gate")])
def test_a_checkout_is_built_without_what_git_does_not_track(
    make: Callable[..., NixosGuest],
    nix: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    of_git: bool,
    flake: str,
) -> None:
    """Nix copies a flake given as a plain path completely, including hundreds of MB of .venv."""
    checkout = tmp_path / "my gate"
    (checkout / (".git" if of_git else "harness")).mkdir(parents=True)
    monkeypatch.setattr("harness.guest.nixos.FLAKE", checkout)
    asked = nix("exit 1")
    with pytest.raises(NixosGuestError):
        _ = make().image
    assert f'getFlake "{flake.format(tmp_path)}")' in asked.read_text()


def test_a_built_guest_needs_no_nix(
    make: Callable[..., NixosGuest], built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert make(built=built).image.disk.read_text() == "disk.qcow2"


def test_a_disk_that_nix_built_again_does_not_replace_the_one_that_machines_were_frozen_on(
    make: Callable[..., NixosGuest], built: Path
) -> None:
    """After garbage collection the same Nix store path may have other bytes."""
    disk = make(built=built).image.disk
    (built / "disk.qcow2").write_text("built again")
    assert make(built=built).image.disk == disk
    assert disk.read_text() == "disk.qcow2"


def test_another_guest_under_the_same_name_is_another_one(make: Callable[..., NixosGuest], built: Path) -> None:
    """A guest may have been copied from the Nix store to a host without Nix."""
    disk = make(built=built).image.disk
    (built / "cmdline").write_text("root=/dev/vda rw init=/nix/store/second/init\n")
    assert make(built=built).image.disk != disk


def test_a_directory_that_is_no_guest_is_refused(make: Callable[..., NixosGuest], built: Path) -> None:
    (built / "initrd").unlink()
    with pytest.raises(NixosGuestError, match=r"guest is not what `nix build .#guest` makes: it has no initrd$"):
        _ = make(built=built).image


def test_a_restore_elsewhere_is_left_to_another_guest(make: Callable[..., NixosGuest]) -> None:
    with pytest.raises(NoBlankMachine, match=r"another machine cannot .*=nixos, .* use --gate-guest=debian"):
        make().blank("elsewhere")


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (Acceleration("kvm", "boots"), "kvm"),
        (Acceleration("tcg", "KVM refuses"), "tcg"),
        (Acceleration("tcg", "the host was busy", lasting=False), "kvm"),
    ],
    ids=["works", "does not", "took too long"],
)
def test_what_a_time_limit_said_of_kvm_is_asked_again(
    make: Callable[..., NixosGuest], built: Path, monkeypatch: pytest.MonkeyPatch, first: Acceleration, again: str
) -> None:
    """In the next process: within one it stays."""
    answers = iter([first, Acceleration("kvm", "boots")])
    monkeypatch.setattr(acceleration, "choose", lambda *_, **__: next(answers))
    monkeypatch.setattr(acceleration, "DEVICE", built / "disk.qcow2")
    guest = make(built=built, accel="auto")
    assert guest.acceleration == guest.acceleration == first
    assert make(built=built, accel="auto").acceleration.name == again


def test_a_device_that_may_be_opened_now_is_tried(
    make: Callable[..., NixosGuest], built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([Acceleration("tcg", "Permission denied"), Acceleration("kvm", "boots")])
    monkeypatch.setattr(acceleration, "choose", lambda *_, **__: next(answers))
    monkeypatch.setattr(acceleration, "DEVICE", built / "kvm")
    assert make(built=built, accel="auto").acceleration.name == "tcg"
    (built / "kvm").touch()
    assert make(built=built, accel="auto").acceleration.name == "kvm"
