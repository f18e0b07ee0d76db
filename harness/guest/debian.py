"""The debian guest: a site installed on Debian packages, frozen so that each trial starts from it."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from harness.guest import installation
from harness.guest.image.disk import Image, image
from harness.machine import acceleration, qemu
from harness.machine.freezer import freeze, start
from harness.machine.hardware import Hardware
from harness.machine.machine import Machine
from harness.machine.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.cache import Cache
    from harness.guest.site import Site
    from harness.machine.acceleration import Acceleration
    from harness.progress import Progress
    from harness.workspace import Workspace

_CMDLINE = "console=ttyS0 root=/dev/vda rw quiet loglevel=4 net.ifnames=0"
_STARTED = 180.0  # seconds for the image's own units after the command channel answers


class DebianGuest:
    """Makes machines of one Debian release. Each layer is cached by its content: image, booted machine, site."""

    def __init__(
        self, *, release: str, accelerator: str, cache: Cache, workspace: Workspace, progress: Progress
    ) -> None:
        self._release = release
        self._accelerator = accelerator
        self._cache = cache
        self._workspace = workspace
        self._progress = progress

    @cached_property
    def image(self) -> Image:
        """The disk image, built if need be."""
        return image(self._release, cache=self._cache, workspace=self._workspace, progress=self._progress)

    @cached_property
    def acceleration(self) -> Acceleration:
        """The accelerator; the probe's verdict is remembered for this boot of the host, this kernel and QEMU."""
        if self._accelerator != "auto":
            return acceleration.choose(self._accelerator, kernel=self.image.kernel, workspace=self._workspace)
        host_boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        key = _key(host_boot, self.image.key, qemu.version())

        def probe(directory: Path) -> None:
            with self._progress.phase("acceleration", "looking whether KVM boots a guest here"):
                found = acceleration.choose("auto", kernel=self.image.kernel, workspace=self._workspace)
            (directory / "verdict.json").write_text(json.dumps({"name": found.name, "reason": found.reason}))

        verdict = self._cache.obtain("acceleration", key, probe) / "verdict.json"
        return acceleration.Acceleration(**json.loads(verdict.read_text()))

    @property
    def description(self) -> str:
        """One line for a run's header."""
        chosen = self.acceleration
        return f"debian {self._release}, {chosen.name} ({chosen.reason}), image {self.image.key}"

    def booted(self) -> Template:
        """Return the machine frozen just after its boot, with no site on it."""
        hardware = Hardware(
            kernel=self.image.kernel,
            initrd=self.image.initrd,
            disk=self.image.disk,
            cmdline=_CMDLINE,
            acceleration=self.acceleration.name,
        )
        key = _key(self.image.key, hardware.command_line, qemu.version())

        def build(directory: Path) -> None:
            with (
                self._progress.phase("boot", "booting the guest (once)"),
                Machine(hardware, workspace=self._workspace, name="boot", freeze_into=directory) as machine,
            ):
                machine.boot()
                machine.wait_for_unit("multi-user.target", timeout=_STARTED)
                freeze(machine, directory)

        return Template.load(self._cache.obtain("booted", key, build, rests_on=[self.image.directory]))

    def template(self, site: Site, key: str, fill: Callable[[Machine, Path], None]) -> Template:
        """Return the machine frozen with the site on it.

        ``fill`` completes the machine (trust, secrets, databases) and may leave files in the template's directory;
        ``key`` stands for all that it does.
        """
        booted = self.booted()

        def build(directory: Path) -> None:
            with self._progress.phase("site", "installing the site and filling its databases (once)"):
                machine, cold = start(booted, workspace=self._workspace, name="site", freeze_into=directory)
                if cold:
                    self._progress.say(f"booted cold: {cold}")
                with machine:
                    installation.install(machine, site)
                    fill(machine, directory)
                    freeze(machine, directory)

        sources = Path(installation.__file__).read_bytes()
        whole = _key(booted.directory.name, site.digest, key, sources.hex())
        return Template.load(self._cache.obtain("site", whole, build, rests_on=[booted.directory]))


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
