"""The adapter to the NixOS test driver, against a double of its machine in both versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.guest.driver_machine import DriverMachine
from harness.machine.errors import GuestDied, MachineError
from tests.guest.driver_double import Machine, QemuMachine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=[Machine, QemuMachine], ids=["2024", "2026"])
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    node: Machine = request.param(tmp_path)
    yield node
    node.wait_for_shutdown()


def test_commands_go_over_the_channel(node: Machine) -> None:
    with DriverMachine(node, "machine-1") as machine:
        machine.boot(timeout=20)
        result = machine.run("echo out; echo err >&2; exit 3")
        assert (result.status, result.stdout, result.stderr) == (3, b"out\n", b"err\n")
    assert node.process is not None
    assert node.process.poll() is not None, "the machine is off when it is left"


def test_each_boot_is_from_a_disk_that_nobody_used(node: Machine) -> None:
    for name in ("machine-1", "machine-2"):
        with DriverMachine(node, name) as machine:
            machine.boot(timeout=20)
            assert (node.state_dir / "disk.qcow2").read_text() == "used", "no disk of the machine before"


def test_a_power_cut_leaves_the_disk(node: Machine) -> None:
    with DriverMachine(node, "machine-1") as machine:
        machine.boot(timeout=20)
        machine.power_cut()
        with pytest.raises(MachineError, match="machine-1 is off"):
            machine.run("true")
        machine.boot(timeout=20)
        assert (node.state_dir / "disk.qcow2").read_text() == "usedused"


def test_a_machine_that_died_is_told_from_a_command_that_failed(node: Machine) -> None:
    with DriverMachine(node, "machine-1") as machine:
        machine.boot(timeout=20)
        assert node.process is not None
        node.process.kill()
        with pytest.raises(GuestDied, match="killed by signal 9"):
            machine.run("true", timeout=20)
    with DriverMachine(node, "machine-2") as machine:
        machine.boot(timeout=20)
        assert machine.run("true").status == 0, "the one after it starts"


def test_a_qemu_that_does_not_start_is_not_waited_for(node: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.guest.driver_double._QEMU", "raise SystemExit('no such device')")
    with DriverMachine(node, "machine-1") as machine, pytest.raises(GuestDied, match="exit status 1"):
        machine.boot(timeout=20)


def test_a_machine_that_is_off_says_so(node: Machine) -> None:
    with pytest.raises(MachineError, match="machine-1 is off"):
        DriverMachine(node, "machine-1").run("true")
