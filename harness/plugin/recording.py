"""Each scenario's directory below ``evidence/``: its record; for a failure also logs, which the report shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import pytest

from harness.archive.errors import ArchiveError
from harness.evidence.collect import collect, findings
from harness.evidence.record import Outcome, Record
from harness.evidence.situation import Situation
from harness.machine.errors import UnitFailed
from harness.plugin.expecting import directory_of, reason_of, record_of
from harness.plugin.session import session_of
from harness.store.errors import NotMet
from harness.trial.backup_run import STOPPED_EARLY
from harness.trial.law import LawBroken
from harness.trial.trial import Trial
from harness.trial.unit import RunMissingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.gate import Gate

_RECORD = pytest.StashKey[Record]()
_SHOWN = 40  # last lines of each file in the report
_DIGEST = 12  # hex digits that tell two apart


def trial_of(item: pytest.Item) -> Trial | None:
    """Return the scenario's trial, if it has one: a project can have another fixture of this name."""
    found = _fixture(item, "trial")
    return found if isinstance(found, Trial) else None


def write(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Write what is known after a phase of the scenario: once, and again if its teardown fails."""
    trial = trial_of(item)
    former = item.stash.get(_RECORD, None)
    started = datetime.fromtimestamp(call.start, UTC)
    record = former or record_of(item, outcome="passed", reason="", started=started, seconds=round(report.duration, 3))
    if record.outcome != "failed":
        told = trial is not None or call.excinfo is None or call.excinfo.errisinstance(pytest.skip.Exception)
        record = replace(record, outcome=_outcome(call, report, trial), reason=reason_of(report) if told else "")
    directory = directory_of(item)
    redact = trial.leaks.redact if trial else str
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)  # journals may be sensitive
        if trial and former is None:
            record = replace(record, situation=_situation(item, trial), **findings(trial))
        if trial and report.failed and not record.files:
            files = collect(trial, directory)
            record = replace(record, files={title: path.name for title, path in files.items()})
            report.sections += [_section(title, path) for title, path in files.items()]
        path = record.save(directory, redact)
    except OSError as error:
        report.sections.append(("gate: evidence", f"it cannot be written: {error}"))
        session_of(item.config).say(f"the evidence of {item.nodeid} cannot be written: {error}")
        return
    item.stash[_RECORD] = record
    _clean(report, redact)
    if former is None:
        properties: list[tuple[str, object]] = [(name, redact(fact)) for name, fact in _properties(record, path)]
        item.user_properties += properties  # for the report of the teardown, which JUnit's file is made of
        report.user_properties += properties


def _clean(report: pytest.TestReport, redact: Callable[[str], str]) -> None:
    """Redact what pytest shows of a failure, in the terminal and in JUnit's file."""
    report.sections = [(title, redact(text)) for title, text in report.sections]
    if report.failed and (clean := redact(report.longreprtext)) != report.longreprtext:
        report.longrepr = clean


def kept(item: pytest.Item, found: str) -> None:
    """Add to the record what the failed machine is thawed by."""
    trial = trial_of(item)
    if trial and (record := item.stash.get(_RECORD, None)):
        item.stash[_RECORD] = replace(record, kept=found)
        item.stash[_RECORD].save(directory_of(item), trial.leaks.redact)


_FOUND = (AssertionError, pytest.fail.Exception, ArchiveError, RunMissingError, NotMet, UnitFailed)
"""What a scenario runs into because of the module. All else is trouble of the harness, the host or the scenario."""


def _outcome(call: pytest.CallInfo[None], report: pytest.TestReport, trial: Trial | None) -> Outcome:
    if not report.failed:
        return "skipped" if report.skipped else "passed"
    raised = call.excinfo
    found = raised is None or raised.errisinstance(_FOUND)
    if raised and raised.errisinstance(AssertionError) and not raised.errisinstance(LawBroken):
        found = not _stopped_early(trial)
    return "failed" if found and call.when == "call" else "error"


def _stopped_early(trial: Trial | None) -> bool:
    """Whether the last run could have ended otherwise: `assert run.succeeded` then says nothing of the module."""
    runs = trial.findings.runs if trial else []
    return bool(runs) and runs[-1].result == STOPPED_EARLY


def _situation(item: pytest.Item, trial: Trial) -> Situation | None:
    gate = cast("Gate | None", _fixture(item, "gate"))  # the trial's: it can be of another site than the run's
    return Situation.of(gate, trial.site) if gate else None


def _fixture(item: pytest.Item, name: str) -> object:
    return item.funcargs.get(name) if isinstance(item, pytest.Function) else None


def _section(title: str, path: Path) -> tuple[str, str]:
    lines = path.read_text(errors="replace").splitlines()
    shown = lines[-_SHOWN:]
    cut = [f"[{len(lines) - len(shown)} earlier lines are in the file]"] if len(lines) > len(shown) else []
    return f"gate: {title}: {path}", "\n".join([*cut, *shown])


def _properties(record: Record, path: Path) -> list[tuple[str, str]]:
    """Return what goes into JUnit's file: the short facts, as ``record_property`` would put them there."""
    found = [("gate-record", str(path))]
    for run in record.runs:
        objects = ", ".join(f"{store}: {len(keys)} new" for store, keys in run.objects.items())
        found.append(("gate-run", f"{run.unit} {run.result} in {run.seconds:.1f} s; {objects}"))
    for verdict in (verdict for run in record.runs for verdict in run.verdicts):
        digests = ", ".join(
            f"{stage.name}{f' {stage.store}' if stage.store else ''} {(stage.digest or 'none')[:_DIGEST]}"
            for stage in verdict.stages
        )
        found.append(("gate-verdict", f"{verdict}; {digests}"))
    found += [("gate-law", str(judgement)) for judgement in record.laws]
    return found
