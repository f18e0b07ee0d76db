"""Throw-away disks."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from harness.host.process import MISSING, dying_with_us
from harness.machine.errors import MachineError

if TYPE_CHECKING:
    from pathlib import Path


_LIMIT = 30.0  # seconds; hundredths are usual


def make_overlay(path: Path, backing: Path) -> None:
    """Create the qcow2 ``path``, 0600, as an overlay on the qcow2 ``backing``.

    Raises:
        MachineError: qemu-img is missing, failed or did not end.
    """
    path.touch(mode=0o600)
    command = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(backing.resolve()), str(path)]
    try:
        done = subprocess.run(dying_with_us(command), capture_output=True, text=True, timeout=_LIMIT, check=False)
    except subprocess.TimeoutExpired:
        message = f"qemu-img did not create {path} within {_LIMIT:g} s; is the disk full, or very slow?"
        raise MachineError(message) from None
    if done.returncode == MISSING:
        message = "qemu-img is not installed; ./run setup installs it (Debian's package qemu-utils)"
        raise MachineError(message)
    if done.returncode:
        message = f"qemu-img cannot create {path}: {done.stderr.strip()}"
        raise MachineError(message)
