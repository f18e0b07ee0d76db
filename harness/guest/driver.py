"""The NixOS test driver's machine: booted for each trial, with its site built in. We run in the driver's process."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from harness.errors import GateError
from harness.guest.driver_machine import DriverMachine
from harness.guest.guest import Guest
from harness.guest.timers import stop_timers
from harness.site.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.database.sources import Sources
    from harness.guest.driver_machine import Node
    from harness.machine.machine import Machine


class DriverGuest(Guest):
    """Boots the driver's node; ``given`` is the node, and the directory of its manifest.json."""

    given: ClassVar[tuple[Node, Path] | None] = None
    """Set by harness/plugin/check.py, which runs scenarios in the driver's process; that has one node."""

    @cached_property
    def site(self) -> Site:
        """The site that the node was built from."""
        return Site.load(Path("/"), str(self._given()[1]))

    @property
    def description(self) -> str:
        """Half a line for a run's header."""
        return "nixos, in the test driver, which boots a machine for each scenario: it cannot freeze one"

    def prepare(self) -> None:
        """Nothing to prepare: Nix has built the machine, and each trial boots it."""

    @contextmanager
    def fresh(self, name: str) -> Iterator[tuple[Machine, Sources]]:
        """Boot the node with an empty disk, and fill it."""
        with DriverMachine(self._given()[0], name) as booted:
            booted.boot()
            machine = cast("Machine", booted)  # what a scenario needs of one, a DriverMachine has
            stop_timers(machine, self.site)
            yield machine, self.filling.fill(machine)

    def _given(self) -> tuple[Node, Path]:
        if self.given is None:
            raise GateError("--gate-guest=driver is for checks in the NixOS test driver, which set it themselves")
        return self.given
