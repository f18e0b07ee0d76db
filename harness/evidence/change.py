"""A change of a module, judged: what was kept and is broken now, what is mended, what is as it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.evidence.answer import BREAKS, CANNOT_JUDGE, KEEPS
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
    """Its wording, "" if the scenario fails without breaking one."""
    said: str
    """What is, or was, found wrong."""

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
    """Wrong before and now."""
    unchanged: int
    """Scenarios with the same verdict."""
    unjudged: tuple[str, ...]
    """Scenarios without a verdict on both."""

    @classmethod
    def between(cls, before: Iterable[Record], now: Iterable[Record]) -> Change:
        """Compare, scenario by scenario."""
        was, is_ = {record.name: record for record in before}, {record.name: record for record in now}
        judged = [name for name in is_ if _judged(was.get(name)) and _judged(is_[name])]
        broken, mended, still, unchanged = [], [], [], 0
        for name in judged:
            then, after = dict(_wrong(was[name])), dict(_wrong(is_[name]))
            after |= dict(_given_up(was[name], is_[name]))
            broken += [difference for law, difference in after.items() if law not in then]
            mended += [difference for law, difference in then.items() if law not in after]
            still += [difference for law, difference in after.items() if law in then]
            unchanged += then.keys() == after.keys()
        unjudged = tuple(sorted((was.keys() | is_.keys()) - set(judged)))
        return cls(tuple(broken), tuple(mended), tuple(still), unchanged, unjudged)

    @property
    def status(self) -> int:
        """The exit status: 1 if anything is broken that was not; 2 if it cannot be told of every scenario."""
        return (
            BREAKS if self.broken else CANNOT_JUDGE if self.unjudged or not self.unchanged + len(self.mended) else KEEPS
        )

    @property
    def headline(self) -> str:
        """One line."""
        if self.broken:
            laws = sorted({difference.law for difference in self.broken if difference.law})
            return f"the change breaks {' and '.join(map(repr, laws)) or 'what no law covers'}"
        if self.status == CANNOT_JUDGE:
            return f"the change cannot be judged: {_scenarios_have(len(self.unjudged))} no verdict on both"
        if self.mended:
            return f"the change mends {len(self.mended)} and breaks nothing"
        return f"unchanged: {_scenarios_have(self.unchanged)} the same verdict"

    def to_json(self) -> dict[str, Any]:
        """Return it as data."""
        return {
            "headline": self.headline,
            **{name: [vars(each) for each in getattr(self, name)] for name in ("broken", "mended", "still")},
            "unchanged": self.unchanged,
            "unjudged": list(self.unjudged),
        }


def _scenarios_have(count: int) -> str:
    return "1 scenario has" if count == 1 else f"{count} scenarios have"


def _judged(record: Record | None) -> bool:
    return record is not None and record.outcome != "error"


def _wrong(record: Record) -> Iterator[tuple[str, Difference]]:
    """Yield each law that is broken, once, or that the scenario fails otherwise."""
    broken = {each.law: each.said for each in reversed(record.laws) if each.holds is False}
    for law, said in broken.items():
        yield law, Difference(record.name, Law(law).wording, said)
    if record.outcome == "failed" and not broken:
        yield _FAILED, Difference(record.name, "", record.reason)


def _given_up(before: Record, now: Record) -> Iterator[tuple[str, Difference]]:
    """Yield what was kept, and is not promised any more: an exemption mends nothing."""
    if before.outcome == "passed" and now.outcome == "skipped":
        yield _FAILED, Difference(now.name, "", f"it passed, and is not asked any more: {now.reason}")
    exempt = now.situation.exempt if now.situation else {}
    for law in {each.law: None for each in before.laws if each.holds and each.law in exempt}:
        yield law, Difference(now.name, Law(law).wording, f"it was kept, and is not promised any more: {exempt[law]}")
