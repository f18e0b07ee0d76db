"""Fills a machine before it is frozen, without any archive module: trust, store names, the databases' contents."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import TYPE_CHECKING

from harness.database import datasets
from harness.database.canary import canary_script, plant
from harness.database.fingerprint import fingerprint_script
from harness.database.psql import Psql
from harness.database.readiness import await_databases
from harness.database.sources import Sources
from harness.errors import GateError
from harness.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from harness.database.dataset import Dataset
    from harness.machine.machine import Machine
    from harness.options import Options
    from harness.site.site import Site
    from harness.site.vault import Vault

HOST_ADDRESS = "10.0.2.2"  # the host, as QEMU's user network shows it to the guest


class Filling:
    """Fills machines of a site that have PostgreSQL and empty databases.

    Raises GateError if the options name a dataset for a database that the site lacks.
    """

    def __init__(self, site: Site, options: Options, vault: Vault, *, tell: Callable[[str], None]) -> None:
        self._site = site
        self._options = options
        self._vault = vault
        self._tell = tell
        self._datasets = datasets_of(site, options, tell)

    @cached_property
    def digest(self) -> str:
        """Changes with anything that ``fill`` puts into a machine, and with what is read back as the sources."""
        parts = [self._certificate, self._hosts, self._password, self._site.super_user, fingerprint_script()]
        for database, dataset in self._datasets.items():
            parts += [database, dataset.digest, self._canary(database)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @cached_property
    def limits(self) -> Limits:
        """What a run with these datasets allows."""
        return Limits.of(self._options, [dataset.size for dataset in self._datasets.values()])

    def fill(self, machine: Machine) -> Sources:
        """Fill a machine whose PostgreSQL is up or starting; return its databases' contents.

        Raises:
            GateError: PostgreSQL does not come up, or a dataset does not load.
        """
        add_trust(machine, [self._certificate])
        add_hosts(machine, self._hosts)
        machine.check(["chpasswd"], stdin=self._password.encode())
        limit = self.limits.seconds
        psql = Psql(machine, user=self._site.super_user, limit=limit)
        await_databases(psql, self._datasets)
        sources = Sources(machine, super_user=self._site.super_user, limit=limit)
        for database, dataset in self._datasets.items():
            if created := dataset.load(psql, database):
                self._tell(f"dataset {dataset.name} names roles that it lacks; created: {', '.join(created)}")
            plant(psql, database, self._canary(database), dataset=dataset.name)
            sources.of(database)
        return sources

    @property
    def _certificate(self) -> str:
        return self._vault.authority.certificate

    @property
    def _hosts(self) -> Mapping[str, list[str]]:
        return {HOST_ADDRESS: [store.host for store in self._site.stores.values()]}

    @property
    def _password(self) -> str:
        return f"root:{self._vault.root_password}\n"

    def _canary(self, database: str) -> str:
        return canary_script(self._vault.canary(database))


def add_trust(machine: Machine, certificates: Iterable[str]) -> None:
    """Make the guest's programs trust certificate authorities, PEM, now and after each boot."""
    _add(machine, "/etc/ssl/certs/ca-certificates.crt", "\n".join(["", *certificates]))


def add_hosts(machine: Machine, hosts: Mapping[str, Iterable[str]]) -> None:
    """Make host names resolve in the guest without DNS: address → names, now and after each boot."""
    _add(machine, "/etc/hosts", "".join(f"{address} {' '.join(names)}\n" for address, names in hosts.items()))


def _add(machine: Machine, file: str, text: str) -> None:
    """Append to a file of /etc, and keep a copy.

    NixOS rewrites /etc at each boot, then appends the copy again (nixos-tests/harness-guest.nix).
    """
    kept = f"/var/lib/pg-archive-gate/added{file}"
    machine.check(f'mkdir -p "$(dirname {kept})" && tee -a {kept} >> {file} && sync {kept}', stdin=text.encode())


def datasets_of(site: Site, options: Options, tell: Callable[[str], None]) -> dict[str, Dataset]:
    """Return the dataset of each database: the user's own, or ours; others get the hard one."""
    own = {name: datasets.own(path) for name, path in options.dataset.items()}
    if unknown := sorted(own.keys() - set(site.databases)):
        message = f"--gate-dataset: the site has no database {unknown[0]!r}; it has {', '.join(site.databases)}"
        raise GateError(message)
    ours = {}
    if datasets.is_installed() or options.whole_data:
        ours["db1"] = datasets.flights(whole=options.whole_data)
    elif "db1" in site.databases and "db1" not in own:
        tell(f"db1 is filled like the others, not with the flights: {datasets.MISSING}")
    return {name: own.get(name) or ours.get(name) or datasets.hard() for name in site.databases}
