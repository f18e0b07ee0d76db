"""A change of a module, judged: what was kept and is broken now, what is mended, what is as it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.evidence.answer import BREAKS, CANNOT_JUDGE, KEEPS
from harness.trial.backup_run import POWER_CUT
from harness.trial.law import Law

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.evidence.record import Record

_FAILED = "fails"  # without breaking a law that was asked


@dataclass(frozen=True)
class Difference:
    """One scenario, one law."""

    scenario: str
    law: str
    """Its wording, "" if it is about none."""
    said: str
    """What is, or was, found wrong; or why it is not known."""

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{f'{self.law!r}: ' if self.law else ''}{self.said} ({self.scenario})"


@dataclass(frozen=True)
class Change:
    """What differs between the records of a baseline and those of now."""

    broken: tuple[Difference, ...]
    """Not wrong before, and now."""
    mended: tuple[Difference, ...]
    """Wrong before, and not now."""
    still: tuple[Difference, ...]
    """Wrong before, and now or not asked any more."""
    unchanged: int
    """Scenarios with the same verdict."""
    unjudged: tuple[Difference, ...]
    """Without a verdict on both."""

    @classmethod
    def between(cls, before: Iterable[Record], now: Iterable[Record]) -> Change:
        """Compare, scenario by scenario."""
        was, is_ = {record.name: record for record in before}, {record.name: record for record in now}
        broken, mended, still, unjudged, unchanged = [], [], [], [], 0
        for name in sorted(was.keys() | is_.keys()):
            if gap := _gap("before", was.get(name)) or _gap("now", is_.get(name)):
                unjudged.append(Difference(name, "", gap))
                continue
            then, after = dict(_wrong(was[name])), dict(_wrong(is_[name]))
            given_up, unclear = dict(_given_up(was[name], is_[name])), dict(_unclear(was[name], is_[name]))
            after |= given_up
            worse = [difference for law, difference in after.items() if law not in then]
            broken += worse
            mended += [difference for law, difference in then.items() if law not in after.keys() | unclear.keys()]
            still += [difference for law, difference in after.items() if law in then]
            unjudged += [] if worse else unclear.values()  # what breaks a scenario off leaves more unasked
            unchanged += then.keys() == after.keys() and not given_up and not unclear
        return cls(tuple(broken), tuple(mended), tuple(still), unchanged, tuple(unjudged))

    @property
    def status(self) -> int:
        """The exit status: 1 if anything is broken that was not; 2 if it cannot be told of every scenario."""
        judged = self.unchanged or self.mended or self.still
        return BREAKS if self.broken else CANNOT_JUDGE if self.unjudged or not judged else KEEPS

    @property
    def headline(self) -> str:
        """One line."""
        if self.broken:
            laws = sorted({difference.law for difference in self.broken if difference.law})
            return f"the change breaks {' and '.join(map(repr, laws)) or 'what no law covers'}"
        if self.status == CANNOT_JUDGE:
            gaps = len({difference.scenario for difference in self.unjudged})
            return f"the change cannot be judged: {_scenarios_have(gaps)} no verdict on both"
        if self.mended:
            return f"the change mends {len(self.mended)} and breaks nothing"
        if not self.unchanged:
            return "the change neither mends nor breaks anything"
        return f"unchanged: {_scenarios_have(self.unchanged)} the same verdict"

    def to_json(self) -> dict[str, Any]:
        """Return it as data."""
        return {
            "headline": self.headline,
            **{
                name: [vars(each) for each in getattr(self, name)] for name in ("broken", "mended", "still", "unjudged")
            },
            "unchanged": self.unchanged,
        }


def _scenarios_have(count: int) -> str:
    return "1 scenario has" if count == 1 else f"{count} scenarios have"


def _gap(when: str, record: Record | None) -> str:
    """Return why there is no verdict, "" if there is one."""
    if record and record.outcome != "error":
        return ""
    return f"{when}: {(record.reason if record else '') or 'it did not run'}"


def _wrong(record: Record) -> Iterator[tuple[str, Difference]]:
    """Yield each law that is broken, once, or that the scenario fails otherwise."""
    broken = {each.law: each.said for each in reversed(record.laws) if each.holds is False}
    for law, said in broken.items():
        yield law, Difference(record.name, Law(law).wording, said)
    if record.outcome == "failed" and not broken:
        yield _FAILED, Difference(record.name, "", record.reason)


def _given_up(before: Record, now: Record) -> Iterator[tuple[str, Difference]]:
    """Yield what was judged, and is exempt or skipped now: that mends nothing."""
    if now.outcome == "skipped":
        for law, was in _wrong(before):
            how = "was broken" if was.law else "failed"
            yield law, replace(was, said=f"it {how}, and is not asked any more: {now.reason}")
        if before.outcome == "passed":
            yield _FAILED, Difference(now.name, "", f"it passed, and is not asked any more: {now.reason}")
    exempt = _exempt(now)
    for law in _judged(before):
        if law in exempt:
            how = "broken" if any(each.law == law and each.holds is False for each in before.laws) else "kept"
            said = f"it was {how}, and is not promised any more: {exempt[law]}"
            yield law, Difference(now.name, Law(law).wording, said)


def _unclear(before: Record, now: Record) -> Iterator[tuple[str, Difference]]:
    """Yield each law of which is not known now what was, though nobody gave it up: it may hold, or not.

    It could not be judged in a run that was reached before; or it was judged before and is not now, though there is a
    run that it is about.
    """
    if now.outcome == "skipped":
        return
    as_before = {(each.law, each.run) for each in before.laws if each.holds is None}
    for law in (law for law in Law if law not in _exempt(now)):
        asked = [each for each in now.laws if each.law == law]
        gaps = [each for each in asked if each.holds is None and (law, each.run) not in as_before]
        silent = [each.said for each in gaps if each.run <= len(before.runs)]
        if law in _judged(before) and law not in _judged(now):
            due = not now.runs or any(_is_about(law, run.result) for run in now.runs)
            silent = [each.said for each in asked] or (["it is not asked"] if due else [])
        if silent:
            yield law, Difference(now.name, law.wording, f"now: {silent[0]}")


def _is_about(law: Law, result: str) -> bool:
    """Whether the law is asked of any run that ends so: a scenario may make good for a fault, and then be green."""
    if law == Law.RESTORABLE:
        return result == "success"
    if law == Law.BOUNDED:
        return result != POWER_CUT
    if law == Law.SAYS:
        return result == "exit-code"  # what is ended by force may have no chance to speak
    return result != "success" or law not in {Law.SERVES, Law.HEALS}


def _judged(record: Record) -> list[str]:
    """Return the laws that were, in any run."""
    return list(dict.fromkeys(each.law for each in record.laws if each.holds is not None))


def _exempt(record: Record) -> dict[str, str]:
    return record.situation.exempt if record.situation else {}
