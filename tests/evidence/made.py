"""Records that are made up: of a module that loses an upload and is green, and of one that keeps its laws."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from harness.archive.verdict import Stage, Verdict
from harness.evidence.record import Exchange, Record, Run
from harness.evidence.situation import Situation
from harness.trial.findings import GATE, Event
from harness.trial.law import Judgement, Law

if TYPE_CHECKING:
    from harness.evidence.record import Outcome

NOW = datetime(2026, 11, 29, 10, 15, tzinfo=UTC)
UNIT = "postgresqlBackup-db1.service"
KEY = "databases/db1/db1_20261129T101500Z.sql.gz.enc"
SITUATION = Situation(
    "debian", "debian bookworm, tcg, module pg.nix", "", "/etc/nixos/pg.nix", "moto", ("db1",), (), {}, {}
)
JOURNAL = """\
[   11.000100] host systemd[1]: Starting postgresqlBackup-db1.service...
[   12.500000] host pg-db-archive[411]: Encrypting <db1> & archiving it
[   13.250000] host rclone[412]: ERROR : db1.enc: Failed to copy: AccessDenied: 403 <wasabi>
[   14.000000] host systemd[1]: postgresqlBackup-db1.service: Deactivated successfully."""
LOST = "wasabi has no archive of db1 from this run"


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def stages(*stores: str, broken: str = "") -> tuple[Stage, ...]:
    found = [Stage("source", None, "ab" * 32, 18008, ok=True, detail="18,008 rows")]
    for store in stores:
        found.append(Stage("object", store, "cd" * 32, 372_898, ok=True, detail="the ciphertext"))
        found.append(
            Stage("restored", store, "ab" * 32, 18008, ok=store != broken, detail="table t: 1 row instead of 2")
        )
    return tuple(found)


def run(*, result: str = "success", stores: tuple[str, ...] = ("backblaze", "wasabi"), **changed: Any) -> Run:
    made: dict[str, Any] = {
        "database": "db1",
        "unit": UNIT,
        "at": after(1),
        "result": result,
        "seconds": 3.0,
        "journal": JOURNAL,
        "objects": {name: {KEY: 372_898} if name in stores else {} for name in ("backblaze", "wasabi")},
        "requests": {"backblaze": 1, "wasabi": 1},
        "verdicts": (Verdict("db1", stages(*stores)),),
    }
    return Run(**made | changed)


def record(
    scenario: str = "test_round_trip.py::test_round_trip[db1]", outcome: Outcome = "passed", **changed: Any
) -> Record:
    made: dict[str, Any] = {
        "scenario": f"scenarios/{scenario}",
        "run": "a",
        "outcome": outcome,
        "reason": "",
        "started": NOW,
        "seconds": 9.5,
        "situation": SITUATION,
        "runs": (run(),),
        "laws": tuple(kept(law) for law in Law),
        "again": f"pytest 'scenarios/{scenario}'",
    }
    return Record(**made | changed)


def kept(law: Law) -> Judgement:
    return Judgement(law.value, UNIT, holds=True, said=f"{UNIT} ended in success", run=1)


def broken(law: Law, said: str = LOST) -> Judgement:
    return Judgement(law.value, UNIT, holds=False, said=said, run=1)


GOOD = record()
BAD = record(
    "test_one_store.py::test_one_store_fails_once[one upload refused, 403]",
    "failed",
    reason=f"breaks 'green means restorable everywhere': {LOST}",
    runs=(run(stores=("backblaze",), verdicts=()),),
    laws=(broken(Law.RESTORABLE), kept(Law.BOUNDED), Judgement("serves", UNIT, holds=None, said="wasabi is down")),
    incidents=(20, 21),
    requests={
        "backblaze": (Exchange(after(2), 0.2, "PUT", KEY, 372_898, 200, "", ""),),
        "wasabi": (Exchange(after(2), 0.1, "PUT", KEY, 372_898, 403, "AccessDenied", "Refuse"),),
    },
    inventory={"backblaze": {KEY: 372_898}, "wasabi": {}},
    timeline=(
        Event(NOW, "wasabi meets Refuse(status=403) for method='PUT', nth=1", where="wasabi"),
        Event(after(1), f"{UNIT} is started and runs", 3.1, UNIT),
        Event(after(5), "the archives of db1 are restored and compared", 4.0, GATE),
    ),
    kept="scenarios.test_one_store.once",
)
