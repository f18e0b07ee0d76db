"""What the guests have in common: machines frozen twice, after the boot and with the site ready to be tried."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from harness.guest import installation
from harness.machine import acceleration, qemu
from harness.machine.freezer import freeze, start
from harness.machine.machine import Machine
from harness.machine.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.guest.image.disk import Image
    from harness.host.cache import Cache
    from harness.host.progress import Progress
    from harness.host.workspace import Workspace
    from harness.machine.acceleration import Acceleration
    from harness.machine.hardware import Hardware
    from harness.site.site import Site


class FrozenGuest(ABC):
    """A guest that our own QEMU boots. Each layer is cached by its content: image, booted machine, site.

    ``accelerator`` is ``kvm``, ``tcg`` or ``auto``, which means to find out.
    """

    start_limit: ClassVar[float]
    """Seconds for the image's own units after the command channel answers."""

    def __init__(self, *, accelerator: str, cache: Cache, workspace: Workspace, progress: Progress) -> None:
        self._accelerator = accelerator
        self._cache = cache
        self._workspace = workspace
        self._progress = progress

    @property
    @abstractmethod
    def image(self) -> Image:
        """What is booted, built if need be. Raises GateError if it cannot be."""

    @property
    @abstractmethod
    def hardware(self) -> Hardware:
        """The machine that boots the image."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What to call it in a run's header."""

    @property
    @abstractmethod
    def entry(self) -> Path:
        """The cache's entry that has the image."""

    @abstractmethod
    def install(self, machine: Machine, site: Site) -> None:
        """Put the site on a booted machine. Raises GateError if it does not come up there."""

    @cached_property
    def acceleration(self) -> Acceleration:
        """The accelerator; the probe's verdict is remembered for this boot of the host, this kernel and QEMU."""
        if self._accelerator != "auto":
            return acceleration.choose(self._accelerator, kernel=self.image.kernel, workspace=self._workspace)
        host_boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        key = digest(host_boot, self.image.key, qemu.version())

        def probe(directory: Path) -> None:
            with self._progress.phase("acceleration", "looking whether KVM boots a guest here"):
                found = acceleration.choose("auto", kernel=self.image.kernel, workspace=self._workspace)
            (directory / "verdict.json").write_text(json.dumps({"name": found.name, "reason": found.reason}))

        verdict = self._cache.obtain("acceleration", key, probe) / "verdict.json"
        return acceleration.Acceleration(**json.loads(verdict.read_text()))

    @property
    def description(self) -> str:
        """One line for a run's header; it says so if machines have to be booted, and why."""
        chosen = self.acceleration
        line = f"{self.name}, {chosen.name} ({chosen.reason}), image {self.image.key}"
        cold = self.booted.cold
        return f"{line}, each machine booted anew, not thawed, because {cold}" if cold else line

    @cached_property
    def booted(self) -> Template:
        """The machine frozen just after its boot."""
        key = digest(self.image.key, self.hardware.command_line, qemu.version())

        def build(directory: Path) -> None:
            with (
                self._progress.phase("boot", "booting the guest (once)"),
                Machine(self.hardware, workspace=self._workspace, name="boot", freeze_into=directory) as machine,
            ):
                machine.boot()
                machine.wait_for_unit("multi-user.target", timeout=self.start_limit)
                freeze(machine, directory)

        return Template.load(self._cache.obtain("booted", key, build, rests_on=[self.entry]))

    def template(self, site: Site, key: str, fill: Callable[[Machine, Path], None]) -> Template:
        """Return the machine frozen with the site on it.

        ``fill`` completes the machine (trust, secrets, databases) and may leave files in the template's directory;
        ``key`` stands for all that it does.
        """
        booted = self.booted

        def build(directory: Path) -> None:
            with self._progress.phase("site", "installing the site and filling its databases (once)"):
                machine, cold = start(booted, workspace=self._workspace, name="site", freeze_into=directory)
                if cold:
                    self._progress.say(f"booted cold: {cold}")
                with machine:
                    self.install(machine, site)
                    fill(machine, directory)
                    freeze(machine, directory)

        sources = Path(installation.__file__).read_bytes()
        whole = digest(booted.directory.name, site.digest, key, sources.hex())
        return Template.load(self._cache.obtain("site", whole, build, rests_on=[booted.directory]))


def digest(*parts: str) -> str:
    """Return a short name for all of the parts together."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
