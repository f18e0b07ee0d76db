"""The verdict on KVM, with fake devices."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.machine import acceleration

if TYPE_CHECKING:
    from harness.host.workspace import Workspace

KERNEL = Path("/no/kernel")


@pytest.mark.parametrize("name", ["kvm", "tcg"])
def test_what_is_asked_for_is_taken(name: str, workspace: Workspace) -> None:
    assert acceleration.choose(name, kernel=KERNEL, workspace=workspace).name == name


def test_no_device_means_emulation(monkeypatch: pytest.MonkeyPatch, workspace: Workspace) -> None:
    monkeypatch.setattr(acceleration, "DEVICE", Path("/dev/no-kvm"))
    verdict = acceleration.choose("auto", kernel=KERNEL, workspace=workspace)
    assert verdict == acceleration.Acceleration("tcg", "/dev/no-kvm does not exist")


def test_a_device_that_refuses_is_quoted(monkeypatch: pytest.MonkeyPatch, workspace: Workspace) -> None:
    monkeypatch.setattr(acceleration, "DEVICE", Path("/dev/null"))
    verdict = acceleration.choose("auto", kernel=KERNEL, workspace=workspace)
    assert verdict.name == "tcg"
    assert "Inappropriate ioctl" in verdict.reason
    assert verdict.lasting


def test_a_probe_that_does_not_end_is_ended(
    monkeypatch: pytest.MonkeyPatch, workspace: Workspace, tmp_path: Path
) -> None:
    endless = tmp_path / "python"
    endless.write_text("#!/bin/sh\nexec sleep 600\n")
    endless.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(endless))
    monkeypatch.setattr(acceleration, "DEVICE", Path("/dev/null"))
    monkeypatch.setattr(acceleration, "_PROBE_LIMIT", 0.1)
    verdict = acceleration.choose("auto", kernel=KERNEL, workspace=workspace)
    assert verdict.name == "tcg"
    assert "did not end within 0.1 s" in verdict.reason
    assert not verdict.lasting
    assert not list((workspace.path / "processes").iterdir())


def test_a_qemu_that_refuses_is_quoted(monkeypatch: pytest.MonkeyPatch, workspace: Workspace) -> None:
    monkeypatch.setattr(acceleration, "_refuses_instructions", lambda _: "")
    monkeypatch.setattr(acceleration, "DEVICE", Path("/dev/null"))
    verdict = acceleration.choose("auto", kernel=KERNEL, workspace=workspace)
    assert verdict.name == "tcg"
    assert re.search("kvm|kernel", verdict.reason, re.IGNORECASE)  # whichever of them it misses first
