"""A real QEMU process without a guest: its kernel is only a header, and it starts paused."""

from __future__ import annotations

import shutil
import struct
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from harness.host.workspace import Workspace
from harness.machine import freezer, overlay
from harness.machine.errors import GuestDied, MachineError, QmpError, TemplateError
from harness.machine.hardware import Hardware
from harness.machine.machine import Machine
from harness.machine.overlay import make_overlay
from harness.machine.qemu import PROGRAM, QemuProcess
from harness.machine.template import Template

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import StandIn

pytestmark = pytest.mark.skipif(
    shutil.which(PROGRAM) is None, reason=f"{PROGRAM} is not installed; ./run setup installs it"
)


def header_of_a_kernel() -> bytes:
    """Documentation/arch/x86/boot.rst: what QEMU checks before it accepts a file as a kernel."""
    kernel = bytearray(1 << 16)
    kernel[0x1F1] = 1  # setup_sects
    kernel[0x1FE:0x200] = b"\x55\xaa"
    kernel[0x202:0x208] = b"HdrS" + struct.pack("<H", 0x20C)
    kernel[0x211] = 1  # loaded high
    struct.pack_into("<I", kernel, 0x22C, 0x7FFFFFFF)  # initrd_addr_max
    return bytes(kernel)


@pytest.fixture
def hardware(tmp_path: Path) -> Hardware:
    (tmp_path / "kernel").write_bytes(header_of_a_kernel())
    (tmp_path / "initrd").write_bytes(b"initrd")
    base = tmp_path / "base.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", base, "1M"], check=True)
    return Hardware(tmp_path / "kernel", tmp_path / "initrd", base, cmdline="", memory=64)


def start(hardware: Hardware, workspace: Workspace, *extra: str) -> QemuProcess:
    directory = workspace.subdirectory("m")
    disk = directory / "disk.qcow2"
    if hardware.disk.exists():
        make_overlay(disk, hardware.disk)
    return QemuProcess(hardware, workspace=workspace, name="m", directory=directory, disk=disk, extra=["-S", *extra])


def test_its_sockets_may_lie_deep(hardware: Hardware, tmp_path: Path) -> None:
    """As below a TMPDIR of 95 characters; the kernel limits a socket's path to 107 bytes."""
    deep = tmp_path / "temporary" / ("d" * 120)
    deep.mkdir(parents=True)
    with Workspace(deep / "runs") as workspace:
        qemu = start(hardware, workspace)
        assert qemu.qmp.execute("query-status")["status"] == "prelaunch"
        qemu.end()
        left = {path.name for path in (workspace.path / "m").iterdir()}
        assert left == {"console.log", "disk.qcow2", "qemu.log"}


def test_the_monitor_answers_and_refusals_are_told(hardware: Hardware, workspace: Workspace) -> None:
    qemu = start(hardware, workspace)
    assert qemu.qmp.execute("query-status")["status"] == "prelaunch"
    assert qemu.vitals.excuse() == "; QEMU has paused the guest: prelaunch"
    with pytest.raises(QmpError, match="refused no-such-command"):
        qemu.qmp.execute("no-such-command")
    qemu.end()
    assert not qemu.process.running


def test_a_qemu_that_does_not_start_says_why(hardware: Hardware, workspace: Workspace) -> None:
    qemu = start(hardware, workspace, "-no-such-option")
    with pytest.raises(GuestDied, match=r"exit status 1.*no-such-option: invalid option"):
        _ = qemu.qmp
    qemu.end()


def test_a_killed_qemu_is_a_dead_guest(hardware: Hardware, workspace: Workspace) -> None:
    qemu = start(hardware, workspace)
    assert qemu.qmp.version
    qemu.process.popen.kill()
    with pytest.raises(GuestDied, match="killed by signal 9"):
        qemu.vitals.explain_silence()
    qemu.end()


def test_hvc0_is_there_for_a_guest_that_may_have_a_backdoor(hardware: Hardware, workspace: Workspace) -> None:
    qemu = start(replace(hardware, backdoor=True), workspace)
    with qemu.connect("backdoor"):
        [port] = [each for each in qemu.qmp.execute("query-chardev") if each["label"] == "backdoor"]
        assert port["frontend-open"]
    qemu.end()


def test_its_files_are_private_and_its_sockets_go_with_it(hardware: Hardware, workspace: Workspace) -> None:
    qemu = start(hardware, workspace)
    directory = workspace.path / "m"
    assert qemu.qmp.version
    assert (directory / "console.log").stat().st_mode & 0o777 == 0o600
    assert (directory / "disk.qcow2").stat().st_mode & 0o777 == 0o600
    qemu.end()
    assert not [path.name for path in directory.iterdir() if path.is_socket()]


def test_a_base_image_that_is_missing_is_named(hardware: Hardware, workspace: Workspace) -> None:
    hardware.disk.unlink()
    with pytest.raises(MachineError, match=r"qemu-img cannot create .*base\.qcow2"):
        Machine(hardware, workspace=workspace, name="m")


def test_an_overlay_that_cannot_be_made(
    hardware: Hardware, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, stand_in: StandIn
) -> None:
    stand_in("qemu-img", "exec sleep 60")
    with monkeypatch.context() as patch:
        patch.setattr(overlay, "_LIMIT", 0.2)
        with pytest.raises(MachineError, match=r"qemu-img did not create .* within 0\.2 s; is the disk full"):
            Machine(hardware, workspace=workspace, name="m")
    stand_in("qemu-img", "exit 127")
    with pytest.raises(MachineError, match=r"qemu-img is not installed; ./run setup installs it"):
        Machine(hardware, workspace=workspace, name="m")


def test_a_machine_whose_ram_takes_too_long_to_copy_is_one_to_boot(
    hardware: Hardware, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, stand_in: StandIn, tmp_path: Path
) -> None:
    """``start`` boots it from its disk, as after any other TemplateError."""
    monkeypatch.setattr(freezer, "_MIGRATION_LIMIT", 0.2)
    stand_in("cp", "exec sleep 60")
    for name in ("frozen", "next"):
        (tmp_path / name).mkdir()
    (tmp_path / "frozen/ram").touch()
    template = Template(tmp_path / "frozen", hardware, nonce="n", boot_id="b", qemu="7")
    with pytest.raises(TemplateError, match=r"frozen does not start: .* was not copied in 0\.2 s; is the disk"):
        freezer.thaw(template, workspace=workspace, name="m", freeze_into=tmp_path / "next")
    assert not (tmp_path / "next/ram").exists()


def test_a_machine_that_is_off_says_so(hardware: Hardware, workspace: Workspace) -> None:
    machine = Machine(hardware, workspace=workspace, name="m")
    with pytest.raises(MachineError, match="machine m is off"):
        machine.run("true")
    machine.close()
    assert not machine.disk.exists()
