"""What the records of a run say of the module: each law kept, broken or not judged, and by what."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from harness.evidence.scenario_id import scenario_id
from harness.trial.law import Law

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from harness.evidence.record import Record

KEEPS, BREAKS, CANNOT_JUDGE = 0, 1, 2  # exit statuses


class Standing(StrEnum):
    """How a law stands."""

    KEPT = "kept"
    BROKEN = "broken"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Defect:
    """What one scenario found wrong."""

    scenario: str
    """``test_x.py::test_y[db1]``."""
    said: str
    """What was found, in a sentence."""
    run: int
    """The run that broke the law, from 1; 0 if it is about none."""
    unit: str
    incidents: tuple[int, ...]
    evidence: str
    """The directory with the record and the logs, below ``evidence/``."""


@dataclass(frozen=True)
class LawFound:
    """How one law fared in all scenarios."""

    law: Law
    kept: int
    """How often it was asked and held."""
    broken: tuple[Defect, ...]
    """The first break of each scenario."""
    unclear: tuple[str, ...]
    """Why it could not be judged where it was asked, in sentences."""
    exempt: str = ""
    """Why the site does not promise it, "" if it does."""

    @property
    def silence(self) -> str:
        """Why nothing is known of it, if nothing is."""
        if self.exempt:
            return f"not promised: {self.exempt}"
        return self.unclear[0] if self.unclear else "no scenario asked it"

    @property
    def standing(self) -> Standing:
        """One break is enough; a law that was never judged is not kept."""
        if self.broken:
            return Standing.BROKEN
        return Standing.KEPT if self.kept else Standing.NOT_JUDGED


@dataclass(frozen=True)
class Answer:
    """All that is drawn from the records of one run."""

    laws: tuple[LawFound, ...]
    others: tuple[Defect, ...]
    """Scenarios that failed, though no law that was asked is broken."""
    troubles: tuple[Defect, ...]
    """Scenarios that could not be judged."""
    skipped: dict[str, str]
    """Scenario → why."""
    scenarios: int
    """That were judged."""
    module: str
    """What was judged: a file, or "" for the default."""

    @classmethod
    def of(cls, records: Sequence[Record]) -> Answer:
        """Sum up."""
        failed = [record for record in records if record.outcome == "failed"]
        judged = Counter(
            record.situation.module or record.situation.site for record in records if record.situation is not None
        )
        return cls(
            laws=tuple(_law(law, records) for law in Law),
            others=tuple(_defect(record) for record in failed if not any(_breaks(record))),
            troubles=tuple(_defect(record) for record in records if record.outcome == "error"),
            skipped={record.name: record.reason for record in records if record.outcome == "skipped"},
            scenarios=sum(record.outcome in {"passed", "failed"} for record in records),
            module=judged.most_common(1)[0][0] if judged else "",  # some scenarios have a site of their own
        )

    @property
    def broken(self) -> tuple[LawFound, ...]:
        """The laws that are broken."""
        return tuple(found for found in self.laws if found.standing is Standing.BROKEN)

    @property
    def unjudged(self) -> tuple[LawFound, ...]:
        """The laws that nothing was found out about."""
        return tuple(found for found in self.laws if found.standing is Standing.NOT_JUDGED)

    @property
    def kept(self) -> tuple[LawFound, ...]:
        """The laws that were kept wherever they were asked."""
        return tuple(found for found in self.laws if found.standing is Standing.KEPT)

    @property
    def status(self) -> int:
        """The exit status: a defect that was found is one, whatever could not be judged beside it.

        A law that no scenario asked is a matter of their choice; one that was asked and never answered is not.
        """
        if self.broken or self.others:
            return BREAKS
        return CANNOT_JUDGE if self.troubles or self._unanswered or not self.kept else KEEPS

    @property
    def _unanswered(self) -> list[LawFound]:
        return [found for found in self.unjudged if found.unclear]

    @property
    def headline(self) -> str:
        """One line."""
        where = f"in {self.scenarios} scenario{'' if self.scenarios == 1 else 's'}"
        laws = len(self.laws)
        if self.broken:
            return f"breaks {len(self.broken)} of {laws} laws {where}"
        if self.others:
            return f"breaks no law, but fails in {len(self.others)} of {self.scenarios} scenarios"
        if self.troubles:
            return (
                f"cannot be judged: {len(self.troubles)} of {self.scenarios + len(self.troubles)} scenarios did not run"
            )
        if self._unanswered:
            return f"cannot be judged: {self._unanswered[0].law.wording!r}, as {self._unanswered[0].unclear[0]}"
        if self.status == CANNOT_JUDGE:
            return f"cannot be judged: no law was asked {where}"
        if self.unjudged:
            return f"keeps {len(self.kept)} of {laws} laws {where}; the others were not judged"
        return f"keeps all {laws} laws {where}"

    def to_json(self) -> dict[str, Any]:
        """Return it as data."""
        return {
            "verdict": ("keeps", "breaks", "cannot judge")[self.status],
            "headline": self.headline,
            "module": self.module,
            "scenarios": self.scenarios,
            "laws": [
                {
                    "law": found.law.value,
                    "wording": found.law.wording,
                    "standing": found.standing.value,
                    "kept": found.kept,
                    "broken": [asdict(defect) for defect in found.broken],
                    "unclear": list(found.unclear),
                    "exempt": found.exempt,
                }
                for found in self.laws
            ],
            "others": [asdict(defect) for defect in self.others],
            "troubles": [asdict(defect) for defect in self.troubles],
            "skipped": dict(self.skipped),
        }


def _law(law: Law, records: Iterable[Record]) -> LawFound:
    kept, broken, unclear, exempt = 0, [], [], ""
    for record in records:
        exempt = exempt or (record.situation.exempt.get(law, "") if record.situation else "")
        asked = [judgement for judgement in record.laws if judgement.law == law]
        kept += sum(judgement.holds is True for judgement in asked)
        unclear += [judgement.said for judgement in asked if judgement.holds is None]
        broken += [defect for name, defect in _breaks(record) if name == law][:1]
    return LawFound(law, kept, tuple(broken), tuple(dict.fromkeys(unclear)), exempt)


def _breaks(record: Record) -> Iterator[tuple[str, Defect]]:
    for judgement in record.laws:
        if judgement.holds is False:
            yield judgement.law, _defect(record, judgement.said, judgement.run, judgement.unit)


def _defect(record: Record, said: str = "", run: int = 0, unit: str = "") -> Defect:
    return Defect(
        scenario=record.name,
        said=said or record.reason or f"see {record.scenario}",
        run=run,
        unit=unit,
        incidents=record.incidents,
        evidence=scenario_id(record.scenario),
    )
