"""What a trial found, as data for a record; for a failure also its logs, for people to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.evidence.record import Exchange, Run
from harness.machine.errors import MachineError
from harness.store.errors import StoreError
from harness.trial.findings import Event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.store.request import Request
    from harness.store.store import Store
    from harness.trial.backup_run import BackupRun
    from harness.trial.trial import Trial


def findings(trial: Trial) -> dict[str, Any]:
    """Return the fields of a :class:`~harness.evidence.record.Record` that the trial knows."""
    events = [*trial.findings.events]
    for name, store in trial.stores.items():
        for at, faults in store.plans:
            events.append(Event(at, f"{name} meets {'; '.join(map(str, faults)) or 'no fault now'}", where=name))
    return {
        "runs": tuple(_run(run, trial) for run in trial.findings.runs),
        "laws": tuple(trial.findings.laws),
        "requests": {name: _exchanges(store.requests()) for name, store in trial.stores.items()},
        "inventory": {name: _inventory(store) for name, store in trial.stores.items()},
        "timeline": tuple(sorted(events, key=lambda event: event.at)),
    }


def collect(trial: Trial, directory: Path) -> dict[str, Path]:
    """Write the logs into ``directory``; return title → file, the most useful last.

    What is unavailable (the guest is dead) is replaced by the reason.
    """
    files: dict[str, Path] = {}

    def write(title: str, name: str, text: str) -> None:
        files[title] = directory / name
        files[title].write_text(trial.leaks.redact(text))

    write("machine's journal", "machine.journal", _or_reason(lambda: _journal(trial)))
    write("console", "console.log", _or_reason(lambda: trial.machine.channel.vitals.tail(lines=1000)))
    for name, store in trial.stores.items():
        requests = (request.to_json() for request in store.requests())
        write(f"requests to {name}", f"requests-{name}.jsonl", "\n".join(requests))
    for number, run in enumerate(trial.findings.runs, start=1):
        write(f"journal of {run.unit}, run {number}", f"unit-{number}.journal", run.journal)
    return files


def _run(run: BackupRun, trial: Trial) -> Run:
    return Run(
        database=run.database,
        unit=run.unit,
        at=run.observed.at,
        result=run.result,
        seconds=run.seconds,
        journal=run.journal,
        objects={
            store: {found.key: found.size for archive in archives for found in archive.objects}
            for store, archives in run.archives.items()
        },
        requests={store: len(requests) for store, requests in run.requests.items()},
        verdicts=tuple(verdict for judged, verdict in trial.findings.verdicts if judged is run),
    )


def _exchanges(requests: list[Request]) -> tuple[Exchange, ...]:
    found = (
        Exchange(
            at=request.start,
            seconds=round((request.end - request.start).total_seconds(), 3),
            method=request.method,
            key=request.key,
            size=request.size,
            status=request.status,
            error=request.error,
            fault=request.fault,
        )
        for request in requests
    )
    return tuple(sorted(found, key=lambda exchange: exchange.at))


def _inventory(store: Store) -> dict[str, int] | None:
    try:
        return {stored.key: stored.size for stored in store.objects()}
    except StoreError:
        return None


def _journal(trial: Trial) -> str:
    return trial.machine.check(["journalctl", "--no-pager", "--boot"], timeout=30).text


def _or_reason(read: Callable[[], str]) -> str:
    try:
        return read()
    except MachineError as error:
        return f"unavailable: {error.sentence}"
