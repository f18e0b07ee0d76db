"""What happens to the machine and its stores from outside: time, power, and an operator."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING

from harness.guest.placement import place_secrets
from harness.guest.timers import start_timers
from harness.trial.clock import WorldClock
from harness.trial.disk import Disk
from harness.trial.network import Network
from harness.trial.postgresql import PostgreSql
from harness.trial.power import Power

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.database.sources import Sources
    from harness.machine.console import Console
    from harness.machine.machine import Machine
    from harness.site.secrets import SiteSecrets
    from harness.site.site import Site
    from harness.store.store import Store
    from harness.trial.findings import Findings


class World:
    """What a scenario can do around one machine; each is in the trial's timeline. ``limit`` is psql's, in seconds."""

    def __init__(
        self,
        machine: Machine,
        *,
        site: Site,
        stores: Mapping[str, Store],
        secrets: SiteSecrets,
        sources: Sources,
        findings: Findings,
        limit: float,
    ) -> None:
        self.postgresql = PostgreSql(machine, user=site.super_user, sources=sources, limit=limit)
        self.disk = Disk(machine, site.archives.values(), findings)
        self._network = Network(machine, stores.values(), findings)
        self._machine = machine
        self._site = site
        self._stores = stores
        self._secrets = secrets
        self._findings = findings
        self.clock = WorldClock(machine, stores.values(), findings)
        self.power = Power(machine, site=site, clock=self.clock, findings=findings)
        self.directories: dict[str, str] = {}
        """The targets of ``add_target``: directories of the machine, by name."""

    def start_timers(self, *, off: timedelta = timedelta(), before_network_for: str = "") -> None:
        """Start the units' timers, as a boot does after the machine was ``off`` for that long.

        They are stopped in a fresh trial, so that none fires in a scenario. ``before_network_for`` a unit that they
        start, the network comes only once that one waits for it, or has tried to do without.

        Raises:
            RunMissingError: nothing asks that unit to run.
        """
        with self._network.late_for(before_network_for) if before_network_for else nullcontext():
            start_timers(self._machine, self._site, off=off.total_seconds())
            self._findings.note(
                "the timers are started" + (f", as if the machine had been off for {off}" if off else "")
            )

    def login(self) -> Console:
        """Log in as root at the serial console."""
        self._machine.console.login("root", self._secrets.vault.root_password)
        return self._machine.console

    def add_target(self, name: str, directory: str) -> None:
        """Add a directory of the machine to the targets, through rclone's configuration alone."""
        self.directories[name] = directory
        self.place_secrets()
        self._findings.note(f"target {name}, directory {directory}, is added to rclone's configuration")

    def place_secrets(self) -> None:
        """Put the secrets where the site expects them, rclone's configuration with the stores' current ports."""
        contents = self._secrets.contents(self._site, self._stores.values(), self.directories)
        place_secrets(self._machine, self._site.secrets, contents)

    def spoil_secret(self, path: str, content: bytes | None) -> None:
        """Replace a secret's content, None removes the file; ``place_secrets`` or a boot mends it."""
        if content is None:
            self._machine.check(["rm", "--", path])
        else:
            self._machine.check(["dd", f"of={path}", "status=none"], stdin=content)  # keeps owner and mode
        self._findings.note(f"{path} is {'gone' if content is None else 'spoilt'}")
