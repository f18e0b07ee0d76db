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

    ``state`` holds the devices, and the RAM too unless that has its own file ``ram``; ``disk.qcow2`` is an overlay on
    the disk that the frozen machine was started from. In place of ``ram`` there may be ``delta``, how it differs from
    that of another template, ``base``, which stays as long as this one does. ``hardware`` is for a machine of this
    template: its disk is the template's. ``nonce`` was put into the guest's RAM when it was frozen; ``boot_id`` is its
    kernel's. Of a machine that could not be frozen there is the disk alone, and ``cold`` says why.
    """

    directory: Path
    hardware: Hardware
    nonce: str
    boot_id: str
    qemu: str
    cold: str = ""
    base: str = ""
    """The directory of the template that ``delta`` is for, from this one's parent's: ``../filled/KEY``."""

    @property
    def delta(self) -> Path | None:
        """The file with the RAM's difference from the base's, if only that is kept."""
        return self.directory / "delta" if self.base else None

    @property
    def base_ram(self) -> Path:
        """The RAM that ``delta`` is for."""
        return self.directory.parent / self.base / "ram"

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
            "base": self.base,
        }
        (self.directory / "meta.json").write_text(json.dumps(data, indent=2) + "\n")
        for path in self.directory.iterdir():
            if path.is_file():
                path.chmod(0o600 if path == self.ram else 0o400)
