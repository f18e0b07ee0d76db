"""Whether KVM really boots a guest here: probed, never assumed.

``/dev/kvm`` can exist, open and create machines, and still not boot a stock kernel: nested virtualisation without
second-level page tables stalls right after the firmware, or QEMU aborts at once. So a few instructions must run at
native speed (``kvm_probe``), then the guest's own kernel must print its banner.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.host.deadline import Deadline
from harness.host.process import OwnedProcess
from harness.machine import kvm_probe

if TYPE_CHECKING:
    from harness.host.workspace import Workspace

# With cx16, kernel 6.12 panics under the TCG of QEMU 7.2.
CPU = {"kvm": "host", "tcg": "qemu64,-svm,-cx16"}
# Emulated code is translated per address: with random addresses each start of a program is translated again (measured
# in QEMU 7.2: bash 0.20 s instead of 0.07, python3 0.53 instead of 0.20). Mitigations guard nothing there.
CMDLINE = {"kvm": "", "tcg": " norandmaps mitigations=off"}

DEVICE = Path("/dev/kvm")

_PROBE_LIMIT = 3.0  # seconds
_BANNER_LIMIT = 3.0  # seconds; with a working KVM it takes a few tenths


@dataclass(frozen=True)
class Acceleration:
    """``name`` is ``kvm`` or ``tcg``; ``reason`` completes "KVM …" or "TCG, because …" in the run's header."""

    name: str
    reason: str
    lasting: bool = True
    """Whether another probe would find the same: not where a time limit ended this one, as on a busy host."""


def openable() -> bool:
    """Whether we may use the device at all, which somebody may change while the host runs."""
    return os.access(DEVICE, os.R_OK | os.W_OK)


def choose(requested: str, *, kernel: Path | None, workspace: Workspace) -> Acceleration:
    """Return the acceleration for ``auto``, ``kvm`` or ``tcg``; the last two are not probed.

    ``kernel`` is the guest's; without one, its part of the probe is skipped, and the reason says so. May take some
    seconds where KVM exists and does not work, so cache the answer if it is ``lasting``.
    """
    if requested != "auto":
        return Acceleration(requested, "it was asked for")
    if not DEVICE.exists():
        return Acceleration("tcg", f"{DEVICE} does not exist")
    try:
        complaint = _refuses_instructions(workspace) or (_refuses_kernel(kernel, workspace) if kernel else "")
    except TimeoutError as error:
        return Acceleration("tcg", str(error), lasting=False)
    if complaint:
        return Acceleration("tcg", complaint)
    return Acceleration("kvm", "boots the guest's kernel" if kernel else "runs instructions; no kernel here to try yet")


def _refuses_instructions(workspace: Workspace) -> str:
    """Return why KVM does not run a few instructions, "" if it does. Raises TimeoutError."""
    report = workspace.path / "kvm-probe.log"
    with report.open("wb") as output:
        probe = OwnedProcess(
            [sys.executable, "-I", kvm_probe.__file__, str(DEVICE)],
            name="KVM probe",
            workspace=workspace,
            stdout=output,
            stderr=output,
        )
        try:
            status = probe.popen.wait(_PROBE_LIMIT)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"a guest of a few instructions did not end within {_PROBE_LIMIT:g} s") from None
        finally:
            _end_if_it_can(probe)
    said = report.read_text(errors="replace").strip().splitlines()
    return (said[-1] if said else f"the probe ended with status {status}") if status else ""


def _refuses_kernel(kernel: Path, workspace: Workspace) -> str:
    """Return why KVM does not start the guest's kernel, "" if it does. Raises TimeoutError."""
    serial = workspace.path / "kvm-serial.log"
    errors = workspace.path / "kvm-qemu.log"
    with errors.open("wb") as output:
        qemu = OwnedProcess(
            [
                "qemu-system-x86_64",
                *("-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"),
                *("-machine", "pc", "-accel", "kvm", "-cpu", CPU["kvm"], "-m", "256"),
                *("-kernel", str(kernel), "-append", "console=ttyS0 earlyprintk=serial panic=-1"),
                *("-chardev", f"file,id=serial,path={str(serial).replace(',', ',,')}", "-serial", "chardev:serial"),
            ],
            name="KVM probe's QEMU",
            workspace=workspace,
            stdout=output,
            stderr=output,
        )
        deadline = Deadline(_BANNER_LIMIT)
        try:
            while not deadline.passed:
                if serial.exists() and b"Linux version " in serial.read_bytes():
                    return ""
                if not qemu.running:
                    said = errors.read_text(errors="replace").strip().splitlines()
                    return said[-1] if said else f"QEMU ended with status {qemu.popen.returncode}"
                time.sleep(0.02)
        finally:
            _end_if_it_can(qemu)
    raise TimeoutError(f"the guest's kernel printed nothing within {_BANNER_LIMIT:g} s")


def _end_if_it_can(process: OwnedProcess) -> None:
    """End it, unless a faulty KVM makes it hang in the kernel: then nobody can, and we go on."""
    try:
        process.end(grace=0.2)
    except subprocess.TimeoutExpired:
        return
