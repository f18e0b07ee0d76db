"""Made-up runs, and the laws to ask of them."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from harness.archive.dump import Dump
from harness.archive.format import Format
from harness.archive.verdict import Stage, Verdict
from harness.store.store import StoredObject
from harness.trial.backup_run import BackupRun
from harness.trial.findings import Findings
from harness.trial.law import LawBroken
from harness.trial.laws import Laws
from harness.trial.observation import Observation
from harness.trial.snapshot import Snapshot
from harness.trial.stored_archive import StoredArchive

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

NEW, OLD = "databases/db1/db1_2.enc", "databases/db1/db1_1.enc"
GOOD = Verdict("db1", (Stage("restored", "wasabi", "d", 1, ok=True, detail="equal to the source"),))
LOST = Verdict("db1", (Stage("restored", "wasabi", "d", 1, ok=False, detail="table t: rows 1 instead of 2"),))
DUMP = "/var/backup/postgresql/db1.sql.gz"
PREVIOUS = "/var/backup/postgresql/db1.prev.sql.gz"
HALF = "/var/backup/postgresql/db1.in-progress.sql.gz"
SPOOL = "/var/lib/pg-archive/"
ANOTHERS = "/var/backup/postgresql/db2.sql.gz"


def stored(key: str) -> StoredObject:
    return StoredObject(key, 1, datetime(2026, 11, 22, tzinfo=UTC))


def archive(store: str, key: str = NEW, *, missing: tuple[str, ...] = ()) -> StoredArchive:
    return StoredArchive(store, stored(key), (), missing, Format(), lambda *_: None)


def snapshot(
    objects: Mapping[str, Mapping[str, str] | None] | None = None,
    files: Collection[str] = (),
    stayed: Mapping[str, str] | None = None,
    databases: Collection[str] | None = None,
) -> Snapshot:
    listed: dict[str, Mapping[str, str] | None] = {"backblaze": {}, "wasabi": {}} | dict(objects or {})
    return Snapshot(
        {
            name: None if found is None else {stored(key): digest for key, digest in found.items()}
            for name, found in listed.items()
        },
        frozenset(files),
        stayed or {},
        None if databases is None else frozenset(databases),
    )


def run(**changed: Any) -> BackupRun:
    """Return a good run, with these changes."""
    observed: dict[str, Any] = {
        "at": datetime(2026, 11, 22, tzinfo=UTC),
        "boot": "",
        "source": None,
        "beside": (),
        "before": snapshot(),
        "after": snapshot(),
        "troubled": frozenset(),
        "leaked": frozenset(),
        "interfered": False,
    }
    observed |= {name: changed.pop(name) for name in tuple(changed) if name in observed}
    made: dict[str, Any] = {
        "database": "db1",
        "unit": "b.service",
        "result": "success",
        "seconds": 10.0,
        "journal": "archived",
        "archives": {name: [archive(name)] for name in ("backblaze", "wasabi")},
        "requests": {},
        "observed": Observation(**observed),
    }
    return BackupRun(**made | changed)


def red(journal: str = "wasabi: 503", **changed: Any) -> BackupRun:
    """Return a run that wasabi refused."""
    made = {
        "result": "exit-code",
        "journal": journal,
        "archives": {"backblaze": [archive("backblaze")], "wasabi": []},
        "troubled": frozenset({"wasabi"}),
    }
    return run(**made | changed)


class Bench:
    """The laws of a trial, with this verdict on whatever is judged."""

    def __init__(self, verdict: Verdict = GOOD, exempt: Mapping[str, str] | None = None) -> None:
        self.judged: list[set[str]] = []
        self.findings = Findings()
        self.uploads: list[str] = []
        self.healed: list[str] = []
        self.kept: list[StoredArchive] = []
        self.dump = Dump("half", 1, intact=True, complete=False)
        self.next = run()
        stores: Any = {
            name: SimpleNamespace(
                hostname=f"let-say-{name}.com",
                bucket=f"bucket-of-{name}",
                uploads=lambda: self.uploads,
                reachable=True,
                heal=lambda name=name: self.healed.append(name),
            )
            for name in ("backblaze", "wasabi")
        }
        site: Any = SimpleNamespace(
            databases=("db1", "db2"),
            archives={
                "db1": SimpleNamespace(
                    dumps=(DUMP, PREVIOUS),
                    stays=(DUMP, PREVIOUS, HALF, SPOOL),
                    companions=(".manifest",),
                    retrieve=None,
                ),
                "db2": SimpleNamespace(dumps=(), stays=(ANOTHERS,), prefix="db2/", companions=(), retrieve="/program"),
            },
            time_limit=60,
            exempt=exempt or {},
        )
        unit: Any = SimpleNamespace(archives_at=lambda _: self.kept, backup=lambda: self.next)

        def judge(_: BackupRun, names: Collection[str]) -> Verdict:
            self.judged.append(set(names))
            return verdict

        self.laws = Laws(
            site=site, stores=stores, units={"db1": unit}, findings=self.findings, judge=judge, look=lambda _: self.dump
        )

    def broken(self, of: BackupRun, **asked: Any) -> str:
        """Return what it says of a run that breaks one law."""
        with pytest.raises(LawBroken) as caught:
            self.laws(of, **asked)
        (line,) = [line for line in str(caught.value).splitlines() if line.startswith("breaks")]
        return line
