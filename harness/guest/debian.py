"""The debian guest: a site installed on Debian packages.

Its layers are image → booted → filled → site. *Filled* has PostgreSQL and the databases' contents, and nothing that
archives them: another module under test costs only the last layer.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING

from harness import resources
from harness.database.psql import Psql
from harness.database.sources import Sources, read_sources
from harness.guest import installation
from harness.guest.frozen import FrozenGuest, digest
from harness.guest.guest import Spare
from harness.guest.image.disk import Image, image
from harness.guest.timers import stop_timers
from harness.machine.freezer import start
from harness.machine.hardware import Hardware
from harness.site.evaluation import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.machine.machine import Machine
    from harness.machine.template import Template
    from harness.site.built_site import BuiltSite
    from harness.site.system import System

_LIMIT = 300.0  # seconds
_EMPTY_SERVER = "pg_createcluster $(ls /usr/lib/postgresql) main --locale C.UTF-8 --start"
_CMDLINE = "console=ttyS0 root=/dev/vda rw quiet loglevel=4 net.ifnames=0"


class DebianGuest(FrozenGuest):
    """Makes machines of one Debian release, with any site on them."""

    start_limit = 180.0

    @cached_property
    def site(self) -> BuiltSite:
        """The evaluated site. Raises EvaluationError with the file and line of a defect."""
        with self.progress.phase("evaluate", "evaluating the site"):
            site = evaluate(
                self.options.site or resources.SITE,
                module=self.options.module,
                nixpkgs=self.options.nixpkgs,
                release=self.options.release,
                rclone=self.options.rclone,
                nix_store=self.cache.root / "nix",
            )
        for warning in site.warnings:
            self.progress.say(f"the site's evaluation warns: {warning}")
        return site

    @cached_property
    def image(self) -> Image:
        """The disk image, built if missing."""
        packages = sorted({*self.options.packages, *self.site.system.packages})
        disk = self.filling.limits.disk
        return image(
            self.options.release, packages, disk, cache=self.cache, workspace=self.workspace, progress=self.progress
        )

    @property
    def hardware(self) -> Hardware:
        """The machine that boots the image."""
        return Hardware(
            kernel=self.image.kernel,
            initrd=self.image.initrd,
            disk=self.image.disk,
            cmdline=_CMDLINE,
            acceleration=self.acceleration.name,
            memory=self.filling.limits.memory,
        )

    @property
    def name(self) -> str:
        """The distribution and its release."""
        return f"debian {self.options.release}"

    @property
    def entry(self) -> Path:
        """The image's cache entry."""
        return self.image.directory

    @property
    def _first(self) -> System:
        """What is installed before the databases are filled.

        Of a site of ours that is PostgreSQL alone. Somebody's own may need anything for its databases: files of /etc,
        a unit that makes one of them.
        """
        return self.site.system if self.options.site else self.site.base

    @contextmanager
    def blank(self, name: str) -> Iterator[Machine]:
        """Yield a machine with an empty PostgreSQL and the site's store paths, none of which is switched to."""

        def serve(machine: Machine, directory: Path, booted: bool) -> None:  # noqa: ARG001 - a layer takes them
            machine.check(_EMPTY_SERVER, timeout=_LIMIT)

        sentence = "making an empty PostgreSQL (once)"
        empty = self.layer("empty", digest(_EMPTY_SERVER), sentence, serve, on=self.booted, thin=True)
        machine, _ = start(empty, workspace=self.workspace, name=name)
        with machine:
            machine.check(["tar", "--extract", "--directory=/"], stdin=self.site.system.closure_tar(), timeout=_LIMIT)
            yield machine

    @cached_property
    def filled(self) -> Template:
        """The machine frozen with PostgreSQL and its databases filled."""

        def fill(machine: Machine, directory: Path, _: bool) -> None:
            installation.install(machine, self._first)
            if self._first == self.site.system:
                stop_timers(machine, self.site)
            self.filling.fill(machine).write(directory)

        key = digest(self._first.digest, self.filling.digest, _installer())
        return self.layer("filled", key, "installing PostgreSQL and filling its databases (once)", fill, on=self.booted)

    @cached_property
    def template(self) -> Template:
        """The machine frozen with the whole site on it."""
        filled = self.filled

        def switch(machine: Machine, directory: Path, booted: bool) -> None:
            sources = self._switch(machine, booted=booted)
            for database in self.site.databases:
                sources.of(database)
            sources.write(directory)

        key = digest(self.site.system.digest, _installer())
        return self.layer("site", key, "switching to the site (once)", switch, on=filled, thin=True)

    @contextmanager
    def spare(self, name: str) -> Iterator[Spare | None]:
        """Yield a filled machine."""
        filled = self.filled
        machine, cold = start(filled, workspace=self.workspace, name=name)
        with machine:
            # A boot is one after a power cut: what the databases hold is to be read again.
            yield None if cold else Spare(machine, filled.directory)

    @contextmanager
    def on(self, spare: Spare | None, name: str) -> Iterator[tuple[Machine, Sources]]:
        """Switch a spare machine to the site, unfrozen; a fresh one if the databases must be filled again."""
        if spare is None or spare.template != self.filled.directory:
            with self.fresh(name) as made:
                yield made
            return
        with self.progress.phase("site", "switching to the site"):
            spare.machine.set_clock()  # the host may have slept meanwhile
            sources = self._switch(spare.machine)
        yield spare.machine, sources

    def _switch(self, machine: Machine, *, booted: bool = False) -> Sources:
        """Make a filled machine the site's; return what its databases hold, as far as that is known."""
        psql = Psql(machine, user=self.site.super_user)
        if not booted:
            before = psql.last_write()
        installation.install(machine, self.site.system, over=self._first)
        stop_timers(machine, self.site)
        # A boot is one after a power cut; and the site's own units may write.
        known = {} if booted or psql.last_write() != before else read_sources(self.filled.directory)
        return Sources(machine, super_user=self.site.super_user, known=known, limit=self.filling.limits.seconds)


def _installer() -> str:
    """Return a digest of how a system is installed."""
    here = files("harness.guest")
    return digest(*((here / name).read_text() for name in ("installation.py", "switch.sh")))
