"""A gate whose machine is the NixOS test driver's: booted afresh for each trial, its site part of it."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

from harness.database.sources import Sources, read_sources
from harness.gate import Gate
from harness.guest.driver import DriverMachine
from harness.site.secrets import SiteSecrets
from harness.site.site import Site
from harness.trial.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.guest.driver import Node
    from harness.host.cache import Cache
    from harness.host.progress import Progress
    from harness.host.workspace import Workspace
    from harness.machine.machine import Machine
    from harness.options import Options


class DriverGate(Gate):
    """Trials on ``node``; ``manifest`` is the directory with the site's manifest.json."""

    def __init__(
        self, node: Node, manifest: Path, *, options: Options, cache: Cache, workspace: Workspace, progress: Progress
    ) -> None:
        super().__init__(options, cache=cache, workspace=workspace, progress=progress)
        self._node = node
        self._manifest = manifest

    @cached_property
    def site(self) -> Site:
        """The site that the node was built from."""
        return Site.load(Path("/"), str(self._manifest), ())

    @property
    def description(self) -> str:
        """One line for a run's header."""
        return "nixos, in the test driver, which boots a machine for each scenario: it cannot freeze one"

    def prepare(self) -> None:
        """Nothing to prepare: Nix has built the machine, and each trial boots it."""

    @contextmanager
    def trial(self) -> Iterator[Trial]:
        """Yield a fresh trial. Raises GateError if the machine or a store did not come up."""
        self._trials += 1
        secrets = SiteSecrets(self.vault)
        with ExitStack() as stack:
            stores = {name: self._store(name, self.site, secrets) for name in self.site.stores}
            for store in stores.values():
                stack.enter_context(store)
            machine = stack.enter_context(DriverMachine(self._node, f"machine-{self._trials}"))
            machine.boot()
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=self._workspace.path)))
            as_machine = cast("Machine", machine)  # what a scenario needs of one, a DriverMachine has
            self._fill(as_machine, directory)
            sources = Sources(as_machine, super_user=self.site.super_user, known=read_sources(directory))
            trial = Trial(as_machine, site=self.site, stores=stores, secrets=secrets, sources=sources)
            trial.world.place_secrets()
            yield trial
