"""What a machine is made of: everything that must be identical when it is thawed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.machine.acceleration import CMDLINE, CPU

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMAND_PORT = "org.pg-archive-gate.command"


@dataclass(frozen=True)
class Sockets:
    """Descriptor numbers of the listening Unix sockets that QEMU inherits."""

    command: int
    console: int
    qmp: int
    backdoor: int | None = None


@dataclass(frozen=True)
class Hardware:
    """A PC with ``memory`` MiB, ``smp`` processors and one disk, that boots ``kernel`` directly.

    ``disk`` is a qcow2, never written: each machine gets an overlay. ``acceleration`` is ``tcg`` or ``kvm``.
    ``backdoor`` adds an hvc0, for a guest that may have a shell there and no agent (harness/machine/backdoor.py).
    """

    kernel: Path
    initrd: Path
    disk: Path
    cmdline: str
    acceleration: str = "tcg"
    memory: int = 1024
    smp: int = 1
    backdoor: bool = False

    def arguments(
        self, *, disk: Path, memory_file: Path | None, private: bool, sockets: Sockets, console_log: Path
    ) -> Sequence[str]:
        """Return QEMU's arguments for a machine on the overlay ``disk``.

        ``memory_file`` holds the RAM (None: no file), ``private`` leaves the file unchanged. Only those two, the
        paths and the descriptors may differ between a frozen machine and a thawed one.
        """
        memory: dict[str, Any] = {"qom-type": "memory-backend-ram"}
        if memory_file:
            memory = {"qom-type": "memory-backend-file", "mem-path": str(memory_file), "share": not private}
        memory |= {"id": "ram0", "size": self.memory << 20}
        image = {"driver": "file", "filename": str(disk), "cache": {"direct": False, "no-flush": True}}
        drive = {"driver": "qcow2", "node-name": "disk0", "file": image, "discard": "unmap"}
        log = str(console_log).replace(",", ",,")
        return [
            "-nodefaults",
            "-no-user-config",
            *("-display", "none"),
            *("-machine", "pc,memory-backend=ram0"),
            *("-accel", "tcg,thread=multi" if self.acceleration == "tcg" else self.acceleration),
            *("-cpu", CPU[self.acceleration]),
            *("-smp", str(self.smp)),
            *("-m", str(self.memory)),
            *("-object", json.dumps(memory)),
            *("-rtc", "base=utc"),
            *("-kernel", str(self.kernel)),
            *("-initrd", str(self.initrd)),
            *("-append", self.cmdline + CMDLINE[self.acceleration]),
            # Flushes are not passed on: a power cut ends the guest, not the host (see Machine.power_cut).
            *("-blockdev", json.dumps(drive)),
            *("-device", "virtio-blk-pci,drive=disk0"),
            *("-netdev", "user,id=net0"),
            *("-device", "virtio-net-pci,netdev=net0,id=nic0,romfile="),
            *("-object", "rng-random,id=rng0,filename=/dev/urandom"),
            *("-device", "virtio-rng-pci,rng=rng0"),
            *("-chardev", f"socket,id=console,fd={sockets.console},server=on,wait=off,logfile={log},logappend=on"),
            *("-device", "isa-serial,chardev=console"),
            *("-device", "virtio-serial-pci"),
            *("-chardev", f"socket,id=command,fd={sockets.command},server=on,wait=off"),
            *("-device", f"virtserialport,chardev=command,name={COMMAND_PORT}"),
            *self._hvc0(sockets),
            *("-chardev", f"socket,id=qmp,fd={sockets.qmp},server=on,wait=off"),
            *("-mon", "chardev=qmp,mode=control"),
        ]

    def _hvc0(self, sockets: Sockets) -> Sequence[str]:
        if not self.backdoor:
            return []
        chardev = f"socket,id=backdoor,fd={sockets.backdoor},server=on,wait=off"
        return ["-chardev", chardev, "-device", "virtconsole,chardev=backdoor"]

    @property
    def command_line(self) -> str:
        """The command line that all such machines share; a template is only valid for it."""
        own = Path("own")  # what differs per machine
        sockets = Sockets(command=0, console=0, qmp=0)
        return json.dumps(self.arguments(disk=own, memory_file=own, private=True, sockets=sockets, console_log=own))

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {key: str(value) if isinstance(value, Path) else value for key, value in asdict(self).items()}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Hardware:
        """Restore it from ``as_data``'s output."""
        paths = {key: Path(data[key]) for key in ("kernel", "initrd", "disk")}
        return cls(**(data | paths))
