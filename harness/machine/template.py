"""A frozen machine on disk: RAM, disk and device state, from which any number of fresh machines start."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.machine.errors import TemplateError
from harness.machine.hardware import Hardware

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Template:
    """A directory, 0700, of read-only files, 0400 (``ram`` 0600: QEMU opens it for writing).

    ``state`` holds the devices, and the RAM unless that has its own file ``ram``; ``disk.qcow2`` is an overlay on the
    disk that the frozen machine started from. ``hardware`` is for a machine of this template: its disk is the
    template's. ``nonce`` was put into the guest's RAM on freezing; ``boot_id`` is its kernel's. If a machine could not
    be frozen there is only the disk, and ``cold`` says why.
    """

    directory: Path
    hardware: Hardware
    nonce: str
    boot_id: str
    qemu: str
    cold: str = ""

    @property
    def ram(self) -> Path | None:
        """The RAM file, if there is one."""
        path = self.directory / "ram"
        return path if path.exists() else None

    @property
    def state(self) -> Path:
        """QEMU's migration stream."""
        return self.directory / "state"

    @classmethod
    def load(cls, directory: Path) -> Template:
        """Read the template that ``freeze`` left in ``directory``, which may have been renamed.

        Raises:
            TemplateError: there is none, or it is incomplete.
        """
        try:
            data: dict[str, Any] = json.loads((directory / "meta.json").read_text())
            hardware = replace(Hardware.from_data(data.pop("hardware")), disk=directory / "disk.qcow2")
            return cls(directory=directory, hardware=hardware, **data)
        except (OSError, ValueError, KeyError, TypeError) as error:
            message = f"{directory} has no complete template ({error}); remove it, and it will be rebuilt"
            raise TemplateError(message) from None

    def save(self) -> None:
        """Write the description, last, and make the files in the directory read-only.

        Not ``ram``: QEMU opens it for writing even to map it privately, which 0400 would forbid to a non-root user.
        """
        data = {
            "hardware": self.hardware.as_data(),
            "nonce": self.nonce,
            "boot_id": self.boot_id,
            "qemu": self.qemu,
            "cold": self.cold,
        }
        (self.directory / "meta.json").write_text(json.dumps(data, indent=2) + "\n")
        for path in self.directory.iterdir():
            if path.is_file():
                path.chmod(0o600 if path == self.ram else 0o400)
