"""The NixOS test driver's machine as its releases of 2024-25 and of 2026 document it, with an agent for a guest.

In both, ``start`` runs QEMU through a shell in the machine's state directory, with pipes to it, and does nothing if the
machine runs; ``crash`` makes it quit and waits. Ours listens there on the sockets that nixos-tests/driver-vm.nix gives
to QEMU, with the command channel's agent behind one of them.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from harness.machine import agent

if TYPE_CHECKING:
    from pathlib import Path

_QEMU = """
import pathlib, runpy, socket, sys
for stale in ("console", "command"): pathlib.Path(stale).unlink(missing_ok=True)
with open("disk.qcow2", "a") as disk: disk.write("used")
open("console.log", "a").close()
console = socket.socket(socket.AF_UNIX); console.bind("console"); console.listen(1)
port = socket.socket(socket.AF_UNIX); port.bind("command"); port.listen(1)
runpy.run_path(sys.argv[1])["Agent"](port.accept()[0].detach()).serve()
"""


class Machine:
    """``test_driver.machine.Machine``, 2024 and 2025."""

    def __init__(self, tmp_dir: Path, name: str = "machine") -> None:
        self.name = name
        self.state_dir = tmp_dir / f"vm-state-{name}"
        self.state_dir.mkdir(mode=0o700)
        self.process: subprocess.Popen[bytes] | None = None
        self.pid: int | None = None
        self.booted = False

    def start(self, allow_reboot: bool = False) -> None:
        if self.booted:
            return
        command = ["exec", sys.executable, "-I", "-c", _QEMU, agent.__file__, *([] if allow_reboot else ["-no-reboot"])]
        self.process = subprocess.Popen(
            shlex.join(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, shell=True, cwd=self.state_dir
        )
        self.pid, self.booted = self.process.pid, True

    def crash(self) -> None:
        if not self.booted:
            return
        assert self.process is not None
        if self.process.poll() is not None:
            raise BrokenPipeError("the driver asks QEMU's monitor to quit")
        self.process.kill()
        self.wait_for_shutdown()

    def wait_for_shutdown(self) -> None:
        if not self.booted:
            return
        assert self.process is not None
        self.process.communicate()
        self.pid, self.booted = None, False


class QemuMachine(Machine):
    """``test_driver.machine.QemuMachine``, 2026: one kind of BaseMachine, with timedeltas for timeouts."""

    def __init__(self, tmp_dir: Path, name: str = "machine") -> None:
        super().__init__(tmp_dir, name)
        self.full_console_log: list[str] = []

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the adapter may not use {name}: it is not the same in all releases")
