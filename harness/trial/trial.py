"""One fresh machine, fresh stores, and what a scenario does with them."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import IO, TYPE_CHECKING, TypeAlias

from harness.archive import oracle
from harness.archive.dump import look
from harness.database.psql import Psql
from harness.trial.findings import GATE, Findings
from harness.trial.laws import Laws
from harness.trial.leaks import Leaks
from harness.trial.repository import RetrievedArchive
from harness.trial.unit import Unit
from harness.trial.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from harness.database.fingerprint import Fingerprint
    from harness.database.sources import Sources
    from harness.machine.machine import Machine
    from harness.site.secrets import SiteSecrets
    from harness.site.site import Site
    from harness.store.store import Store
    from harness.trial.backup_run import BackupRun
    from harness.trial.stored_archive import StoredArchive


Restored: TypeAlias = MutableMapping[str, dict[str, "Fingerprint"]]
"""By database, what each dump's wording restores to on the machine as it is at first."""


class Trial:
    """An untouched machine, thawed or booted for one scenario, and the stores that it can reach.

    ``units`` has the backup unit of each database; ``world`` is what can happen around the machine; ``laws`` asks what
    must hold whatever happens; ``leaks`` looks for secrets; ``findings`` keeps what was done and found;
    ``restored`` is shared by trials of the same machine; ``limit`` is psql's, and how many seconds a backup may take.
    """

    def __init__(
        self,
        machine: Machine,
        *,
        site: Site,
        stores: Mapping[str, Store],
        secrets: SiteSecrets,
        sources: Sources,
        restored: Restored,
        limit: float = Psql.limit,
    ) -> None:
        self.machine = machine
        self.site = site
        self.stores = stores
        self._limit = limit
        self._restored = restored
        self.findings = Findings()
        self.leaks = Leaks(machine, site=site, secrets=secrets)
        self.world = World(
            machine, site=site, stores=stores, secrets=secrets, sources=sources, findings=self.findings, limit=limit
        )
        self.units = {
            database: Unit(
                database,
                machine=machine,
                site=site,
                stores=stores,
                secrets=secrets,
                sources=sources,
                findings=self.findings,
                leaks=self.leaks,
                limit=limit,
            )
            for database in site.databases
        }
        self.laws = Laws(
            site=site,
            stores=stores,
            units=self.units,
            findings=self.findings,
            judge=self.judge,
            look=lambda path: look(machine, path, limit=limit),
        )

    def backup(
        self, database: str, *, timeout: float | None = None, during: Callable[[], object] | None = None
    ) -> BackupRun:
        """Start the database's backup unit and wait for its end; see ``Unit.backup``."""
        return self.units[database].backup(timeout=timeout, during=during)

    def judge(self, run: BackupRun, stores: Collection[str] | None = None) -> oracle.Verdict:
        """Take the run's archive out of each store, or each of these, decrypt, restore and compare, stage by stage.

        The local dump is not looked at when the machine has booted since: a power cut takes what was not flushed.

        Raises:
            GateError: it cannot be judged.
        """
        unit = self.units[run.database]
        with self.findings.timed(f"the archives of {run.database} are restored and compared", GATE):
            verdict = oracle.judge(
                Psql(self.machine, user=self.site.super_user, limit=self._limit),
                database=run.database,
                source=run.observed.source,
                dump=self.site.archives[run.database].dump if run.observed.boot == self.machine.boot_id else None,
                passphrase=unit.key,
                deliveries=[
                    oracle.Delivery(
                        name,
                        [archive.key for archive in run.archives[name]],
                        _bringing(self.stores[name], run.archives[name]),
                        run.requests[name],
                        [key for archive in run.archives[name] for key in archive.missing],
                        [beside.key for archive in run.archives[name] for beside in archive.companions],
                    )
                    for name in self.stores
                    if stores is None or name in stores
                ],
                form=unit.form,
                restored=self._restored[run.database],
            )
        self.findings.verdicts.append((run, verdict))
        return verdict


def _bringing(store: Store, archives: Iterable[StoredArchive | RetrievedArchive]) -> Callable[[str, IO[bytes]], None]:
    retrieved = {archive.key: archive for archive in archives if isinstance(archive, RetrievedArchive)}

    def bring(key: str, file: IO[bytes]) -> None:
        if key in retrieved:
            retrieved[key].write(file)
        else:
            store.download(key, file)

    return bring
