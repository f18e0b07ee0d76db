"""QEMU's command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.machine.hardware import Hardware, Sockets

HARDWARE = Hardware(Path("/k"), Path("/i"), Path("/base.qcow2"), cmdline="console=ttyS0")


def arguments(*, memory_file: Path | None, private: bool, where: str, acceleration: str = "tcg") -> list[str]:
    return list(
        replace(HARDWARE, acceleration=acceleration).arguments(
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


@pytest.mark.parametrize(
    "change", [{"smp": 4}, {"memory": 512}, {"acceleration": "kvm"}, {"cmdline": "quiet"}, {"backdoor": True}]
)
def test_a_template_of_other_hardware_is_another(change: dict[str, Any]) -> None:
    assert replace(HARDWARE, **change).command_line != HARDWARE.command_line


def test_an_emulated_guest_loads_programs_at_fixed_addresses() -> None:
    def cmdline(acceleration: str) -> str:
        given = arguments(memory_file=None, private=False, where="/a", acceleration=acceleration)
        return given[given.index("-append") + 1]

    assert cmdline("tcg") == "console=ttyS0 norandmaps mitigations=off"
    assert cmdline("kvm") == "console=ttyS0"


def test_a_backdoor_adds_its_console_and_changes_nothing_else() -> None:
    def given(hardware: Hardware) -> list[str]:
        sockets = Sockets(command=5, console=6, qmp=7, backdoor=8)
        return list(
            hardware.arguments(
                disk=Path("/d"), memory_file=None, private=False, sockets=sockets, console_log=Path("/log")
            )
        )

    without, added = given(HARDWARE), given(replace(HARDWARE, backdoor=True))
    assert not [each for each in without if "virtconsole" in each or "backdoor" in each]
    start = added.index("socket,id=backdoor,fd=8,server=on,wait=off") - 1
    assert added[start : start + 4][2:] == ["-device", "virtconsole,chardev=backdoor"]
    assert added[:start] + added[start + 4 :] == without


@pytest.mark.parametrize("hardware", [HARDWARE, replace(HARDWARE, backdoor=True)])
def test_it_survives_json(hardware: Hardware) -> None:
    assert Hardware.from_data(json.loads(json.dumps(hardware.as_data()))) == hardware


def test_a_template_from_before_there_was_a_backdoor_has_none() -> None:
    data = HARDWARE.as_data()
    del data["backdoor"]
    assert Hardware.from_data(data) == HARDWARE
