"""QEMU's command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.machine.hardware import Hardware, Sockets

HARDWARE = Hardware(Path("/k"), Path("/i"), Path("/base.qcow2"), cmdline="console=ttyS0")


def arguments(*, memory_file: Path | None, private: bool, where: str) -> list[str]:
    return list(
        HARDWARE.arguments(
            disk=Path(where, "disk.qcow2"),
            memory_file=memory_file,
            private=private,
            sockets=Sockets(command=5, console=6, qmp=7),
            console_log=Path(where, "console.log"),
        )
    )


def test_a_thawed_machine_is_the_frozen_one_but_for_its_paths_and_the_sharing_of_its_ram() -> None:
    frozen = arguments(memory_file=Path("/a/ram"), private=False, where="/a")
    thawed = arguments(memory_file=Path("/a/ram"), private=True, where="/b")
    differing = [(one, other) for one, other in zip(frozen, thawed, strict=True) if one != other]
    assert {
        one.replace("/a/", "/b/").replace('"/b/ram", "share": true', '"/a/ram", "share": false') for one, _ in differing
    } == {other for _, other in differing}
    assert len(differing) == 3


def test_odd_paths_reach_qemu_whole() -> None:
    given = arguments(memory_file=None, private=False, where='/a,b "c"')
    assert any("logfile=/a,,b" in each for each in given)
    [drive] = [json.loads(each) for each in given if '"qcow2"' in each]
    assert drive["file"]["filename"] == '/a,b "c"/disk.qcow2'


@pytest.mark.parametrize("change", [{"smp": 4}, {"memory": 512}, {"acceleration": "kvm"}, {"cmdline": "quiet"}])
def test_a_template_of_other_hardware_is_another(change: dict[str, Any]) -> None:
    assert replace(HARDWARE, **change).command_line != HARDWARE.command_line


def test_it_survives_json() -> None:
    assert Hardware.from_data(json.loads(json.dumps(HARDWARE.as_data()))) == HARDWARE
