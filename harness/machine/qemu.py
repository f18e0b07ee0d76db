"""One QEMU process."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from harness.host import unix_socket
from harness.host.process import OwnedProcess
from harness.machine.errors import MachineError
from harness.machine.hardware import Sockets
from harness.machine.qmp import Qmp
from harness.machine.vitals import Vitals

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence
    from pathlib import Path

    from harness.host.workspace import Workspace
    from harness.machine.hardware import Hardware

PROGRAM = "qemu-system-x86_64"


class QemuProcess:
    """Starts QEMU on ``hardware``; logs and sockets in ``directory``.

    The sockets listen before QEMU starts, as in libvirt: no waiting for a file to appear.
    """

    def __init__(
        self,
        hardware: Hardware,
        *,
        workspace: Workspace,
        name: str,
        directory: Path,
        disk: Path,
        memory_file: Path | None = None,
        private: bool = False,
        extra: Sequence[str] = (),
    ) -> None:
        kinds = ["command", "console", "qmp", *(["backdoor"] if hardware.backdoor else [])]
        self._paths = {kind: directory / kind for kind in kinds}
        listening = {kind: _listen(path) for kind, path in self._paths.items()}
        console_log, stderr_log = directory / "console.log", directory / "qemu.log"
        console_log.touch(mode=0o600)
        try:
            arguments = hardware.arguments(
                disk=disk,
                memory_file=memory_file,
                private=private,
                sockets=Sockets(**{kind: each.fileno() for kind, each in listening.items()}),
                console_log=console_log,
            )
            with stderr_log.open("ab") as log:
                self.process = OwnedProcess(
                    [PROGRAM, "-name", name, *arguments, *extra],
                    name=f"QEMU of {name}",
                    workspace=workspace,
                    stdout=log,
                    stderr=log,
                    pass_fds=[each.fileno() for each in listening.values()],
                )
        finally:
            for each in listening.values():
                each.close()
        self.vitals = Vitals(self.process, console=console_log, stderr=stderr_log, pause=self._pause)
        self._qmp: Qmp | None = None

    @property
    def qmp(self) -> Qmp:
        """Its monitor, connected on first use. Raises GuestDied if QEMU did not start."""
        if self._qmp is None:
            try:
                self._qmp = Qmp(self.connect("qmp"))
            except MachineError:
                self.vitals.explain_silence()
                raise
        return self._qmp

    def connect(self, kind: str) -> socket.socket:
        """Connect to its socket ``command``, ``console``, ``qmp`` or ``backdoor``. Raises GuestDied if QEMU ended."""
        try:
            return unix_socket.connect(self._paths[kind])
        except OSError as error:
            self.vitals.explain_silence()
            message = f"cannot connect to QEMU's {kind} socket: {error.strerror}"
            raise MachineError(message, self.vitals.tail()) from None

    def _pause(self) -> str:
        status = str(self.qmp.execute("query-status")["status"])
        return {"running": "", "io-error": "the host cannot store its writes; is the disk full?"}.get(status, status)

    def end(self, grace: float = 5.0) -> None:
        """End the process; QEMU writes out its disk image on SIGTERM."""
        if self._qmp is not None:
            self._qmp.close()
            self._qmp = None
        self.process.end(grace)
        for path in self._paths.values():  # QEMU has removed those with short names
            path.unlink(missing_ok=True)


def version() -> str:
    """Return QEMU's version string; frozen machines only work with it. Raises MachineError."""
    try:
        said = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    except FileNotFoundError:
        message = f"{PROGRAM} is not installed; ./run setup installs it (Debian's package qemu-system-x86)"
        raise MachineError(message) from None
    except subprocess.SubprocessError as error:
        message = f"{PROGRAM} --version fails: {error}"
        raise MachineError(message) from None
    return said.splitlines()[0]


def _listen(path: Path) -> socket.socket:
    try:
        return unix_socket.listen(path)
    except OSError as error:
        message = f"cannot create the socket {path}: {error.strerror}"
        raise MachineError(message) from None
