"""The page, from the records."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.evidence.answer import Answer
from harness.evidence.incidents import incidents
from harness.evidence.record import FILE
from harness.evidence.report import journal
from harness.evidence.report.restores import Restores
from harness.evidence.report.timeline import Timeline, went_well
from harness.evidence.scenario_id import scenario_id
from harness.trial.law import Law

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from harness.archive.verdict import Stage, Verdict
    from harness.evidence.change import Change
    from harness.evidence.record import Exchange, Record, Run
    from harness.trial.law import Judgement

_WORST_FIRST = ("failed", "error", "passed", "skipped")
_WORDS = {"failed": "failed", "error": "not judged", "passed": "passed", "skipped": "not applicable"}
# What is shown of a scenario, by whether it passed: the page of a whole suite stays small. The record has all.
_REQUESTS = {True: 10, False: 30}  # the first, of a store
_LINES = {True: 20, False: 80}  # the last, of a journal


@dataclass(frozen=True)
class Scenario:
    """A record, as the template shows it."""

    record: Record
    links: Mapping[str, str]
    """Files of the evidence, title → address; only those that are there."""

    @property
    def id(self) -> str:
        """Its anchor, as the filter ``anchor`` gives it."""
        return scenario_id(self.record.scenario)

    @property
    def word(self) -> str:
        """How it ended, for people."""
        return _WORDS[self.record.outcome]

    @cached_property
    def timeline(self) -> Timeline | None:
        """What happened, on one axis."""
        return Timeline.of(self.record)

    @property
    def passed(self) -> bool:
        """Whether there is nothing to look for."""
        return self.record.outcome == "passed"

    def waterfall(self, store: str) -> list[tuple[Exchange, float, float]]:
        """Return a store's first requests with their place and length in percent."""
        return _waterfall(self.record.requests[store][: _REQUESTS[self.passed]])

    def journal(self, run: Run) -> list[journal.Line]:
        """Return a run's last lines."""
        return list(journal.lines(run.journal))[-_LINES[self.passed] :]

    def judgements(self, *, holds: bool | None) -> list[Judgement]:
        """Return those that say so."""
        return [judgement for judgement in self.record.laws if judgement.holds is holds]

    @property
    def kept(self) -> dict[int, list[str]]:
        """The laws that were kept, by run."""
        found: dict[int, list[str]] = {}
        for judgement in self.judgements(holds=True):
            found.setdefault(judgement.run, []).append(Law(judgement.law).wording)
        return found


def write(found: Mapping[Path, Record], page: Path, change: Change | None = None) -> None:
    """Write the page of some records, by their files; their logs are linked if they are below the page's directory."""
    page.write_text(_render(found, page.resolve().parent, change), encoding="utf-8")


def _render(found: Mapping[Path, Record], beside: Path, change: Change | None) -> str:
    records = list(found.values())
    scenarios = [Scenario(record, _links(record, path.resolve().parent, beside)) for path, record in found.items()]
    scenarios.sort(key=lambda scenario: (_WORST_FIRST.index(scenario.record.outcome), scenario.record.name))
    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["bytes"] = _bytes
    environment.tests["went_well"] = went_well
    environment.filters["anchor"] = lambda record: scenario_id(record.scenario)
    environment.globals |= {
        "incidents": incidents(),
        "matrix": _matrix,
        "went_well": went_well,
    }
    return environment.get_template("report.html.jinja").render(
        answer=Answer.of(records),
        change=change,
        restores=Restores.of(records),
        scenarios=scenarios,
        begun=min(record.started for record in records),
        seconds=sum(record.seconds for record in records),
        situation=next((record.situation for record in records if record.situation), None),
        words=[_WORDS[outcome] for outcome in _WORST_FIRST],
    )


def _links(record: Record, directory: Path, beside: Path) -> dict[str, str]:
    if not directory.is_relative_to(beside):
        return {}
    files = {"record": FILE, **record.files}
    return {
        title: str((directory / name).relative_to(beside))
        for title, name in files.items()
        if (directory / name).is_file() and (directory / name).stat().st_size
    }


def _matrix(verdict: Verdict) -> tuple[list[str], list[tuple[str, dict[str, Stage | None]]]]:
    """Return the stores, and for each stage what it is at each of them; None: not reached."""
    stores = list(dict.fromkeys(stage.store for stage in verdict.stages if stage.store))
    rows: dict[str, dict[str, Stage | None]] = {}
    for stage in verdict.stages:
        row = rows.setdefault(stage.name, dict.fromkeys(stores))
        row.update({stage.store: stage} if stage.store else dict.fromkeys(stores, stage))
    return stores, list(rows.items())


def _waterfall(exchanges: Sequence[Exchange]) -> list[tuple[Exchange, float, float]]:
    begun = exchanges[0].at
    whole = max((each.at - begun).total_seconds() + each.seconds for each in exchanges) or 1.0
    placed = []
    for each in exchanges:
        left = min(99.0, 100 * (each.at - begun).total_seconds() / whole)
        placed.append((each, round(left, 1), round(max(0.7, min(100 - left, 100 * each.seconds / whole)), 1)))
    return placed


def _bytes(size: int | None) -> str:
    if size is None:
        return ""
    for unit, factor in (("MB", 1_000_000), ("kB", 1000)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} B"
