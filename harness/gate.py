"""A site under test, and trials of it."""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from harness import kinds, resources
from harness.database.psql import Psql
from harness.filling import HOST_ADDRESS, add_hosts, add_trust
from harness.guest.guest import Surroundings
from harness.options import Options
from harness.site.secrets import SiteSecrets
from harness.site.vault import Vault
from harness.store.credentials import Credentials
from harness.store.fork_server import ForkServer
from harness.store.store import Store
from harness.trial.elsewhere import Elsewhere
from harness.trial.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from harness.database.sources import Sources
    from harness.guest.guest import Guest, Spare
    from harness.host.cache import Cache
    from harness.host.progress import Progress
    from harness.host.workspace import Workspace
    from harness.machine.machine import Machine
    from harness.site.site import Site
    from harness.trial.trial import Restored


class Gate:
    """One site under test, and trials of it: on fresh machines of its guest, with fresh stores."""

    def __init__(self, options: Options, *, cache: Cache, workspace: Workspace, progress: Progress) -> None:
        self.options = options
        self.cache = cache
        self.progress = progress
        self.vault = Vault(cache.root / "vault")
        self.workspace = workspace
        self._fork_server = ForkServer(workspace)
        self._trials = 0
        self._restored: Restored = defaultdict(dict)

    @cached_property
    def guest(self) -> Guest:
        """Makes machines of the site."""
        surroundings = Surroundings(self.options, self.cache, self.workspace, self.progress, self.vault)
        return kinds.guest_kind(self.options.guest)(surroundings)

    @property
    def site(self) -> Site:
        """The site under test. Raises GateError naming its defect."""
        return self.guest.site

    @property
    def description(self) -> str:
        """One line for a run's header: guest, acceleration, image, module under test."""
        given = self.options.site or self.options.nixos_guest
        module = self.options.module or ("the site's own" if given else "modules/pg-db-archive.nix")
        store = "" if self.options.store == Options.store else f", stores by {self.options.store}"
        return f"{self.guest.description}{store}, module {module}"

    def of(self, site: str, workspace: Workspace) -> Gate:
        """Return a gate of another site, named as in nixos-tests/sites, with a workspace of its own."""
        options = replace(self.options, site=resources.variant(site))
        return Gate(options, cache=self.cache, workspace=workspace, progress=self.progress)

    def check(self) -> None:
        """Evaluate the site and check that the options fit it. Raises GateError if not."""
        _ = self.guest.filling

    def prepare(self) -> None:
        """Create what trials start from, if missing. Raises GateError on failure."""
        self._fork_server.start()  # meanwhile
        self.guest.prepare()

    @contextmanager
    def trial(
        self, site: Site | None = None, machine: AbstractContextManager[tuple[Machine, Sources]] | None = None
    ) -> Iterator[Trial]:
        """Yield a fresh trial, or one of another site's ``machine``; it is torn down afterwards.

        Raises:
            GateError: the machine or a store did not come up.
        """
        self._trials += 1
        site = site or self.site
        secrets = SiteSecrets(self.vault)
        with ExitStack() as stack:
            stores = {name: self._store(name, site, secrets) for name in site.stores}
            for store in stores.values():  # in parallel with the machine
                stack.enter_context(store)
            fresh, sources = stack.enter_context(machine or self.guest.fresh(f"machine-{self._trials}"))
            trial = Trial(
                fresh,
                site=site,
                stores=stores,
                secrets=secrets,
                sources=sources,
                limit=self.guest.filling.limits.seconds,
                # Of fresh machines alone: they are all the same one.
                restored=defaultdict(dict) if machine else self._restored,
            )
            trial.world.place_secrets()
            yield trial

    @contextmanager
    def waiting(self) -> Iterator[Spare | None]:
        """Yield a machine for a later site (``Guest.spare``), with all else that a trial takes ready.

        Raises:
            GateError: the present site is of no use for that.
        """
        self._fork_server.start()
        with self.guest.spare("spare") as spare:
            yield spare

    def again(self) -> Gate:
        """Return a gate of the same files as they are now."""
        gate = Gate(self.options, cache=self.cache, workspace=self.workspace, progress=self.progress)
        gate._fork_server = self._fork_server
        return gate

    @contextmanager
    def elsewhere(self, trial: Trial) -> Iterator[Elsewhere]:
        """Yield another machine, which has never seen the trial's site, and can reach its stores.

        Raises:
            NoBlankMachine: the guest has none.
            GateError: it does not come up.
        """
        with self.guest.blank(f"elsewhere-{self._trials}") as machine:
            add_trust(machine, [self.vault.authority.certificate])
            add_hosts(machine, {HOST_ADDRESS: [store.hostname for store in trial.stores.values()]})
            source = Psql(trial.machine, user=trial.site.super_user, limit=self.guest.filling.limits.seconds)
            elsewhere = Elsewhere(machine, site=trial.site, source=source, findings=trial.findings)
            elsewhere.bring(SiteSecrets(self.vault).contents(trial.site, trial.stores.values()))
            yield elsewhere

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
