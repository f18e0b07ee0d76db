"""A site made ready to be tried, as often as wanted: evaluated, installed, its databases filled, its machine frozen."""

from __future__ import annotations

import hashlib
import inspect
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from harness.database import datasets
from harness.database.canary import plant_canary
from harness.database.psql import Psql
from harness.database.readiness import await_databases
from harness.database.sources import Sources, read_sources
from harness.errors import GateError
from harness.evidence.kept import keep
from harness.guest import installation
from harness.guest.debian import DebianGuest
from harness.guest.nixos import NixosGuest
from harness.machine.freezer import start
from harness.site.evaluation import evaluate
from harness.site.secrets import SiteSecrets
from harness.site.vault import Vault
from harness.store.credentials import Credentials
from harness.store.fork_server import ForkServer
from harness.store.server import kinds
from harness.store.store import Store
from harness.trial.trial import Trial, stop_timers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.database.dataset import Dataset
    from harness.database.fingerprint import Fingerprint
    from harness.evidence.kept import Kept
    from harness.host.cache import Cache
    from harness.host.progress import Progress
    from harness.host.workspace import Workspace
    from harness.machine.machine import Machine
    from harness.machine.template import Template
    from harness.options import Options
    from harness.site.site import Site

ROOT = Path(__file__).parent.parent  # the checkout: the site and the modules lie beside the package


class Gate:
    """One site under test, and trials of it."""

    def __init__(self, options: Options, *, cache: Cache, workspace: Workspace, progress: Progress) -> None:
        self.options = options
        self.cache = cache
        self._workspace = workspace
        self._progress = progress
        self._fork_server = ForkServer(workspace)
        self._trials = 0

    # What is tried

    @cached_property
    def site(self) -> Site:
        """The evaluated site. Raises EvaluationError with the file and line of what is wrong in it."""
        if isinstance(self.guest, NixosGuest):
            return self.guest.site
        with self._progress.phase("evaluate", "evaluating the site"):
            return evaluate(
                self.options.site or ROOT / "nixos-tests" / "site.nix",
                module=self.options.module,
                nixpkgs=self.options.nixpkgs,
                release=self.options.release,
                rclone=self.options.rclone,
                nix_store=self.cache.root / "nix",
            )

    @cached_property
    def datasets(self) -> dict[str, Dataset]:
        """What fills each database of the site: the user's own, or ours; others get the hard one."""
        own = {name: datasets.own(path) for name, path in self.options.dataset.items()}
        if unknown := sorted(own.keys() - set(self.site.databases)):
            message = (
                f"--gate-dataset: the site has no database {unknown[0]!r}; it has {', '.join(self.site.databases)}"
            )
            raise GateError(message)
        ours = {"db1": datasets.flights(whole=self.options.whole_data)}
        return {name: own.get(name) or ours.get(name) or datasets.hard() for name in self.site.databases}

    @cached_property
    def guest(self) -> DebianGuest | NixosGuest:
        """What makes machines of the site."""
        if self.options.guest == "nixos":
            return NixosGuest(
                built=self.options.nixos_guest,
                site=self.options.site,
                module=self.options.module,
                accelerator=self.options.accel,
                cache=self.cache,
                workspace=self._workspace,
                progress=self._progress,
            )
        return DebianGuest(
            release=self.options.release,
            accelerator=self.options.accel,
            cache=self.cache,
            workspace=self._workspace,
            progress=self._progress,
        )

    @cached_property
    def vault(self) -> Vault:
        """The secrets of this cache."""
        return Vault(self.cache.root / "vault")

    @property
    def description(self) -> str:
        """One line for a run's header: guest, acceleration, image, module under test."""
        given = self.options.site or self.options.nixos_guest
        module = self.options.module or ("that of the site" if given else "modules/pg-db-archive.nix")
        store = "" if self.options.store == kinds.DEFAULT else f", stores by {self.options.store}"
        return f"{self.guest.description}{store}, module {module}"

    def of(self, site: str, workspace: Workspace) -> Gate:
        """Return a gate of another site, by its name in nixos-tests/sites, in a workspace that no gate has."""
        options = replace(self.options, site=ROOT / "nixos-tests" / "sites" / f"{site}.nix")
        return Gate(options, cache=self.cache, workspace=workspace, progress=self._progress)

    # Trials

    def prepare(self) -> None:
        """Make what trials start from, if need be. Raises GateError if it cannot be made."""
        self._fork_server.start()  # beside it
        _ = self.template

    @cached_property
    def template(self) -> Template:
        """The machine that every trial starts from, made if need be."""
        return self.guest.template(self.site, self._key, self._fill)

    @cached_property
    def sources(self) -> dict[str, Fingerprint]:
        """The databases' fingerprints as they were when the machine was frozen."""
        return read_sources(self.template.directory)

    @contextmanager
    def trial(self) -> Iterator[Trial]:
        """Yield a fresh trial; whatever belongs to it is ended afterwards.

        Raises:
            GateError: the machine or a store did not come up.
        """
        with self._trial(self.template, self.site, self.sources) as trial:
            yield trial

    @contextmanager
    def again(self, kept: Kept) -> Iterator[Trial]:
        """Yield a trial that goes on from where one failed. Raises what ``trial`` raises."""
        with self._trial(kept.template, kept.site, read_sources(kept.directory)) as trial:
            for store in trial.stores.values():
                kept.refill(store)
            for name, directory in kept.directories.items():
                trial.world.add_target(name, directory)
            trial.world.clock.go_ahead(timedelta(seconds=kept.ahead))
            yield trial

    def keep(self, trial: Trial, scenario: str) -> str:
        """Freeze a trial as it stands, its machine is off afterwards; see ``harness.evidence.kept.keep``."""
        with self._progress.phase("keep", "freezing the failed machine"):
            return keep(trial, scenario, cache=self.cache, template=self.template)

    # Own

    @contextmanager
    def _trial(self, template: Template, site: Site, sources: Mapping[str, Fingerprint]) -> Iterator[Trial]:
        self._trials += 1
        secrets = SiteSecrets(self.vault)
        with ExitStack() as stack:
            stores = {name: self._store(name, site, secrets) for name in site.stores}
            for store in stores.values():  # side by side, and with the machine
                stack.enter_context(store)
            with self._progress.phase("thaw", "thawing a machine"):
                machine, cold = start(template, workspace=self._workspace, name=f"machine-{self._trials}")
            stack.enter_context(machine)
            if cold:
                self._progress.say(f"this machine was booted, not thawed, which takes longer: {cold}")
                stop_timers(machine, site)
                await_databases(Psql(machine, user=site.super_user), site.databases)
                sources = {}  # its disk is that of a power cut
            known = Sources(machine, super_user=site.super_user, known=sources)
            trial = Trial(machine, site=site, stores=stores, secrets=secrets, sources=known)
            trial.world.place_secrets()
            yield trial

    def _store(self, name: str, site: Site, secrets: SiteSecrets) -> Store:
        store = site.stores[name]
        return Store(
            name=name,
            hostname=store.host,
            bucket=store.bucket,
            credentials=Credentials(*self.vault.access_key(name)),
            authority=self.vault.authority,
            fork_server=self._fork_server,
            kind=self.options.store,
            forbidden=secrets.forbidden(site),
        )

    @cached_property
    def _key(self) -> str:
        """Stands for all that ``_fill`` does: the data, the secrets, and the code that takes fingerprints."""
        digest = hashlib.sha256(self.vault.digest.encode())
        for database, dataset in sorted(self.datasets.items()):
            digest.update(f"{database} {dataset.digest}".encode())
        digest.update(inspect.getsource(Gate._fill).encode())
        for source in sorted(ROOT.glob("harness/database/**/*.*")):
            if source.suffix in {".py", ".sql"}:
                digest.update(source.read_bytes())
        return digest.hexdigest()

    def _fill(self, machine: Machine, directory: Path) -> None:
        installation.add_trust(machine, [self.vault.authority.certificate])
        hosts = [store.host for store in self.site.stores.values()]
        installation.add_hosts(machine, {installation.HOST_ADDRESS: hosts})
        machine.check(["chpasswd"], stdin=f"root:{self.vault.root_password}\n".encode())
        psql = Psql(machine, user=self.site.super_user)
        await_databases(psql, self.site.databases)
        sources = Sources(machine, super_user=self.site.super_user)
        for database, dataset in self.datasets.items():
            dataset.load(psql, database)
            plant_canary(psql, database, self.vault.canary(database))
            sources.of(database)
        sources.write(directory)
        stop_timers(machine, self.site)
