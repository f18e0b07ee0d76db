"""The base of guests that our own QEMU boots: layers of frozen machines, from which fresh ones thaw."""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from harness.database.psql import Psql
from harness.database.readiness import await_databases
from harness.database.sources import Sources, read_sources
from harness.guest.guest import Guest
from harness.guest.timers import stop_timers
from harness.machine import acceleration, qemu
from harness.machine.freezer import freeze, start
from harness.machine.machine import Machine
from harness.machine.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from harness.guest.image.disk import Image
    from harness.host.progress import Progress
    from harness.host.workspace import Workspace
    from harness.machine.acceleration import Acceleration
    from harness.machine.hardware import Hardware
    from harness.site.site import Site


class _NotLastingError(Exception):
    """What the probe found is not to be kept."""

    def __init__(self, found: Acceleration) -> None:
        super().__init__(found.reason)
        self.found = found


class FrozenGuest(Guest):
    """A guest whose machines are thawed. Each layer is cached by its content: image, booted machine, …, site."""

    start_limit: ClassVar[float]
    """Seconds for the image's own units after the command channel answers."""

    @property
    @abstractmethod
    def image(self) -> Image:
        """What is booted, built if missing. Raises GateError if it cannot be."""

    @property
    @abstractmethod
    def hardware(self) -> Hardware:
        """The machine that boots the image."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Its name in a run's header."""

    @property
    @abstractmethod
    def entry(self) -> Path:
        """The image's cache entry."""

    @property
    @abstractmethod
    def template(self) -> Template:
        """The frozen machine that fresh ones are thawed from, with ``Sources`` written beside it; made if missing."""

    # What the gate asks for

    @property
    def description(self) -> str:
        """Half a line for a run's header; it says if and why machines have to be booted."""
        chosen = self.acceleration
        line = f"{self.name}, {chosen.name} ({chosen.reason}), image {self.image.key}"
        cold = self.booted.cold
        return f"{line}, each machine booted, not thawed, because {cold}" if cold else line

    def prepare(self) -> None:
        """Make the template if missing."""
        _ = self.template

    def fresh(self, name: str) -> AbstractContextManager[tuple[Machine, Sources]]:
        """Return a machine of the template."""
        return thawed(
            self.template,
            self.site,
            known=read_sources(self.template.directory),
            limit=self.filling.limits.seconds,
            name=name,
            workspace=self.workspace,
            progress=self.progress,
        )

    # For the kinds

    @cached_property
    def acceleration(self) -> Acceleration:
        """The accelerator; a lasting verdict of the probe is cached for this boot of the host, this kernel and QEMU."""
        asked = self.options.accel
        if asked != "auto" or not acceleration.openable():
            return acceleration.choose(asked, kernel=self.image.kernel, workspace=self.workspace)
        host_boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        key = digest(host_boot, self.image.key, qemu.version())

        def probe(directory: Path) -> None:
            with self.progress.phase("acceleration", "probing whether KVM boots a guest here"):
                found = acceleration.choose("auto", kernel=self.image.kernel, workspace=self.workspace)
            if not found.lasting:
                raise _NotLastingError(found)
            (directory / "verdict.json").write_text(json.dumps({"name": found.name, "reason": found.reason}))

        try:
            verdict = self.cache.obtain("acceleration", key, probe) / "verdict.json"
        except _NotLastingError as refused:
            return refused.found
        return acceleration.Acceleration(**json.loads(verdict.read_text()))

    @cached_property
    def booted(self) -> Template:
        """The machine frozen just after its boot."""
        key = digest(self.image.key, self.hardware.command_line, qemu.version())

        def build(directory: Path) -> None:
            with (
                self.progress.phase("boot", "booting the guest (once)"),
                Machine(self.hardware, workspace=self.workspace, name="boot", freeze_into=directory) as machine,
            ):
                machine.boot()
                machine.wait_for_unit("multi-user.target", timeout=self.start_limit)
                freeze(machine, directory)

        return Template.load(self.cache.obtain("booted", key, build, rests_on=[self.entry]))

    def layer(
        self,
        kind: str,
        key: str,
        sentence: str,
        change: Callable[[Machine, Path, bool], None],
        *,
        on: Template,
        thin: bool = False,
    ) -> Template:
        """Return the template ``on``, its machine changed and frozen again; made once, cached by both.

        ``change`` gets the machine, the new template's directory, and whether the machine had to be booted; ``key``
        covers all that it does. ``thin``: it changes so little that the RAM is kept as a difference.
        """

        def build(directory: Path) -> None:
            with self.progress.phase(kind, sentence):
                machine, cold = start(on, workspace=self.workspace, name=kind, freeze_into=directory)
                if cold:
                    self.progress.say(f"booted cold: {cold}")
                with machine:
                    change(machine, directory, bool(cold))
                    freeze(machine, directory, base=on if thin else None)

        whole = digest(on.directory.name, on.nonce, key)  # one made again under its name is another machine
        return Template.load(self.cache.obtain(kind, whole, build, rests_on=[on.directory]))


@contextmanager
def thawed(
    template: Template,
    site: Site,
    *,
    known: Mapping[str, str],
    limit: float = Psql.limit,
    name: str,
    workspace: Workspace,
    progress: Progress,
) -> Iterator[tuple[Machine, Sources]]:
    """Yield a machine of a template with a site on it.

    ``known`` is what its databases held when it was frozen, ``limit`` is psql's.

    If it cannot be thawed, it is booted, with a message.

    Raises:
        GateError: it does not come up.
    """
    with progress.phase("thaw", "thawing a machine"):
        machine, cold = start(template, workspace=workspace, name=name)
    with machine:
        if cold:
            progress.say(f"this machine was booted, not thawed, which takes longer: {cold}")
            stop_timers(machine, site)
            await_databases(Psql(machine, user=site.super_user), site.databases)
            known = {}  # its disk is as after a power cut
        yield machine, Sources(machine, super_user=site.super_user, known=known, limit=limit)


def digest(*parts: str) -> str:
    """Return a short digest of all the parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
