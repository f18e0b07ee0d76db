"""The debian guest: a site installed on Debian packages, frozen so that each trial starts from it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from harness.guest import installation
from harness.guest.frozen import FrozenGuest
from harness.guest.image.disk import Image, image
from harness.machine.hardware import Hardware

if TYPE_CHECKING:
    from pathlib import Path

    from harness.host.cache import Cache
    from harness.host.progress import Progress
    from harness.host.workspace import Workspace
    from harness.machine.machine import Machine
    from harness.site.site import Site

_CMDLINE = "console=ttyS0 root=/dev/vda rw quiet loglevel=4 net.ifnames=0"


class DebianGuest(FrozenGuest):
    """Makes machines of one Debian release, with any site on them."""

    start_limit = 180.0

    def __init__(
        self, *, release: str, accelerator: str, cache: Cache, workspace: Workspace, progress: Progress
    ) -> None:
        super().__init__(accelerator=accelerator, cache=cache, workspace=workspace, progress=progress)
        self._release = release

    @cached_property
    def image(self) -> Image:
        """The disk image, built if need be."""
        return image(self._release, cache=self._cache, workspace=self._workspace, progress=self._progress)

    @property
    def hardware(self) -> Hardware:
        """The machine that boots the image."""
        return Hardware(
            kernel=self.image.kernel,
            initrd=self.image.initrd,
            disk=self.image.disk,
            cmdline=_CMDLINE,
            acceleration=self.acceleration.name,
        )

    @property
    def name(self) -> str:
        """The distribution and its release."""
        return f"debian {self._release}"

    @property
    def entry(self) -> Path:
        """The cache's entry that has the image."""
        return self.image.directory

    def install(self, machine: Machine, site: Site) -> None:
        """Put the site on a booted machine."""
        installation.install(machine, site)
