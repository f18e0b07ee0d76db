"""The main job: a round trip of every database through every store, on one fresh machine."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.table import Table

from harness.cli import files

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from harness.archive.verdict import Stage, Verdict
    from harness.gate import Gate
    from harness.host.progress import Progress
    from harness.trial.backup_run import BackupRun

_DIGEST = 12  # hex digits of a digest that fit the table


@dataclass
class Proof:
    """What was tried and found; ``seconds`` by phase, their sum last."""

    runs: list[tuple[BackupRun, Verdict]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def proven(self) -> bool:
        """Whether every unit succeeded and every archive restores to its source."""
        return bool(self.runs) and all(run.succeeded and verdict.ok for run, verdict in self.runs)

    def to_json(self) -> dict[str, Any]:
        """Return it as data: ``verdict``, ``archives`` (one for each database and store), ``seconds``."""
        return {
            "verdict": "pass" if self.proven else "fail",
            "archives": [
                {
                    "database": run.database,
                    "store": store,
                    "key": next((item.key for item in run.archives[store]), None),
                    "unit": run.result,
                    "stages": {
                        stage.name: {
                            "digest": stage.digest,
                            "size": stage.size,
                            "ok": stage.ok,
                            "detail": stage.detail,
                            "differences": stage.differences,
                            "notes": stage.notes,
                        }
                        for stage in verdict.stages
                        if stage.store in {None, store}
                    },
                }
                for run, verdict in self.runs
                for store in run.archives
            ],
            "seconds": self.seconds,
        }


def prove(gate: Gate, progress: Progress) -> Proof:
    """Back up, fetch, decrypt, restore and compare. Raises GateError if it could not be tried."""
    proof = Proof()
    with gate.trial() as trial:
        for database in gate.site.databases:
            with progress.phase("backup", f"backing up {database}"):
                run = trial.backup(database)
            with progress.phase("judge", f"restoring {database} from each store and comparing"):
                proof.runs.append((run, trial.judge(run)))
    proof.seconds = progress.times()
    return proof


def show(proof: Proof, console: Console) -> None:
    """Print the table, the phases' times and the verdict."""
    for run, verdict in proof.runs:
        console.print(_table(run, verdict))
    times = Table("phase", title="time")
    times.add_column("seconds", justify="right")
    for phase, seconds in proof.seconds.items():
        if phase == "total":
            times.add_section()
        times.add_row(phase, f"{seconds:.2f}")
    console.print(times)
    for run, verdict in proof.runs:
        if not run.succeeded:
            console.print(f"{run.unit} is red: {run.result}\n{run.journal}", markup=False)
        if not verdict.ok:
            console.print(f"{run.database}: {verdict}", markup=False, style="red")
        for note in dict.fromkeys(note for stage in verdict.stages for note in stage.notes):
            console.print(f"{run.database}: {note}", markup=False)
    console.print("proven: every archive restores to its source" if proof.proven else "NOT proven", style="bold")


def _table(run: BackupRun, verdict: Verdict) -> Table:
    """Return a row for each stage, a column of digests for each store."""
    stores = list(run.archives)
    table = Table(title=f"{run.database}: {', '.join({item.key for found in run.archives.values() for item in found})}")
    table.add_column("stage")
    table.add_column("size", justify="right")
    for store in stores:
        table.add_column(store)
    for name in dict.fromkeys(stage.name for stage in verdict.stages):
        stages = {stage.store: stage for stage in verdict.stages if stage.name == name}
        size = next((stage.size for stage in stages.values() if stage.size is not None), None)
        unit = "rows" if name in {"source", "restored"} else "bytes"
        cells = [_cell(stages.get(store) or stages.get(None)) for store in stores]
        table.add_row(name, "" if size is None else f"{size:,} {unit}", *cells)
    return table


def _cell(stage: Stage | None) -> str:
    if stage is None:
        return "not reached"
    digest = (stage.digest or "none")[:_DIGEST]
    return f"{digest} ok" if stage.ok else f"[red]{digest} DIFFERS"


def write_json(proof: Proof, path: Path) -> None:
    """Write the proof as data, 0644: it holds digests and names, no secrets."""
    files.write(path, json.dumps(proof.to_json(), indent=2) + "\n")
