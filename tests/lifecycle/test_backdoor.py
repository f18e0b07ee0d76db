"""A machine with NixOS's test instrumentation and no agent of ours gets one at each boot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.guest.debian import DebianGuest
from harness.host.deadline import Deadline
from harness.machine.freezer import freeze, thaw
from harness.machine.machine import Machine

if TYPE_CHECKING:
    from harness.gate import Gate
    from harness.host.workspace import Workspace

_SHELL = Path(__file__).parents[1] / "machine" / "backdoor.sh"
_SERVICE = """
[Unit]
Requires=dev-hvc0.device dev-ttyS0.device
After=dev-hvc0.device dev-ttyS0.device

[Service]
ExecStart=/usr/local/bin/backdoor /dev/hvc0 /dev/ttyS0
WorkingDirectory=/tmp
KillSignal=SIGHUP

[Install]
WantedBy=multi-user.target
"""
_LEAVE_TO_THE_BACKDOOR = """
systemctl enable backdoor.service
systemctl mask serial-getty@hvc0.service serial-getty@ttyS0.service
systemctl disable pg-archive-gate-agent.service
rm -f /etc/systemd/system/pg-archive-gate-agent.service /usr/lib/pg-archive-gate/agent.*
sync
"""


def test_a_guest_without_an_agent_is_driven_by_its_backdoor(gate: Gate, workspace: Workspace) -> None:
    if not isinstance(gate.guest, DebianGuest):
        pytest.skip("takes the debian guest's agent away; run it without --gate-guest")
    booted = gate.guest.booted
    frozen = workspace.subdirectory("frozen")
    with thaw(booted, workspace=workspace, name="agent") as machine:
        machine.push(_SERVICE.encode(), "/etc/systemd/system/backdoor.service")
        machine.push(_SHELL, "/usr/local/bin/backdoor", mode=0o755)
        machine.check(_LEAVE_TO_THE_BACKDOOR)
        machine.power_cut()
        hardware = replace(booted.hardware, disk=machine.disk, backdoor=True)

        with Machine(hardware, workspace=workspace, name="backdoor", freeze_into=frozen) as backdoor:
            backdoor.boot()

            assert backdoor.boot_id != booted.boot_id
            unit = backdoor.check("systemctl show -P FragmentPath pg-archive-gate-agent").text
            assert unit == "/run/systemd/transient/pg-archive-gate-agent.service"
            data = bytes(range(256)) * 4096
            assert backdoor.check(["cat"], stdin=data).stdout == data
            backdoor.start("kill -9 $PPID")  # like the agent of harness-guest.nix, it restarts by itself
            backdoor.greet(Deadline(30), after_restart=True)
            template = freeze(backdoor, frozen)

        with thaw(template, workspace=workspace, name="thawed") as thawed:
            assert thawed.boot_id == template.boot_id
            assert thawed.check("echo as it was").text == "as it was"
            thawed.reset()  # hvc0 is there in the thawed machine too
            assert thawed.boot_id != template.boot_id
            assert thawed.check("echo as ever").text == "as ever"
