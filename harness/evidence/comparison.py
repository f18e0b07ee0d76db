"""How several modules fare in the same scenarios: one verdict for each, drawn from their records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.evidence.record import Record

_VERDICTS = {"passed": "green", "failed": "red", "error": "error", "skipped": "not-applicable"}
_COLOURS = {"green": "green", "red": "red", "error": "yellow", "not-applicable": "dim"}


@dataclass(frozen=True)
class Row:
    """One scenario, by module."""

    id: str
    """``test_x.py::test_y[db1]``."""
    incidents: tuple[int, ...]
    laws: tuple[str, ...]
    """Those that were asked, by any module's run."""
    verdicts: Mapping[str, str]
    reasons: Mapping[str, str]
    """For each verdict but green: why, a line."""


@dataclass(frozen=True)
class Comparison:
    """All scenarios, ordered by id."""

    modules: tuple[str, ...]
    rows: tuple[Row, ...]

    @staticmethod
    def of(records: Mapping[str, Iterable[Record]]) -> Comparison:
        """Compare the modules' records, given by the module's name."""
        found: dict[str, dict[str, Record]] = {}
        for module, kept in records.items():
            for record in kept:
                found.setdefault(record.name, {})[module] = record
        return Comparison(tuple(records), tuple(_row(name, found[name], tuple(records)) for name in sorted(found)))

    @property
    def judged(self) -> bool:
        """Whether there is a verdict on each module in each scenario."""
        return bool(self.rows) and all("error" not in row.verdicts.values() for row in self.rows)

    def table(self) -> Table:
        """Return it as a table, with the reasons."""
        table = Table("scenario", "incidents", *self.modules, "why")
        for row in self.rows:
            verdicts = [f"[{_COLOURS[verdict]}]{verdict}[/]" for verdict in row.verdicts.values()]
            why = "\n".join(dict.fromkeys(row.reasons.values()))
            table.add_row(row.id.replace("[", r"\["), ", ".join(map(str, row.incidents)), *verdicts, why)
        return table

    def over(self, earlier: Comparison, *, whole: bool) -> Comparison:
        """Return it with what an earlier one has of other modules, and, unless it is the ``whole``, other scenarios."""
        before = {row.id: row for row in earlier.rows}
        now = {row.id: row for row in self.rows}
        names = now.keys() if whole else before.keys() | now.keys()
        modules = dict.fromkeys([*earlier.modules, *self.modules])
        return Comparison(tuple(modules), tuple(_over(before.get(name), now.get(name)) for name in sorted(names)))

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Comparison:
        """Read back what ``to_json`` gave."""
        rows = [
            Row(row["id"], tuple(row["incidents"]), tuple(row["laws"]), row["verdicts"], row["reasons"])
            for row in document["scenarios"]
        ]
        return cls(tuple(document["modules"]), tuple(rows))

    def to_json(self) -> dict[str, Any]:
        """Return it as data."""
        return {
            "modules": list(self.modules),
            "scenarios": [
                {
                    "id": row.id,
                    "incidents": list(row.incidents),
                    "laws": list(row.laws),
                    "verdicts": dict(row.verdicts),
                    "reasons": dict(row.reasons),
                }
                for row in self.rows
            ],
        }


def _row(name: str, records: Mapping[str, Record], modules: tuple[str, ...]) -> Row:
    verdicts = {module: _verdict(records.get(module)) for module in modules}
    reasons = {
        module: record.reason if (record := records.get(module)) else "it was not tried"
        for module, verdict in verdicts.items()
        if verdict != "green"
    }
    incidents = {number for record in records.values() for number in record.incidents}
    laws = {judgement.law for record in records.values() for judgement in record.laws}
    return Row(name, tuple(sorted(incidents)), tuple(sorted(laws)), verdicts, reasons)


def _over(before: Row | None, now: Row | None) -> Row:
    if before is None or now is None:
        found = before or now
        assert found is not None, "it is a row of either"
        return found
    reasons = {module: reason for module, reason in before.reasons.items() if module not in now.verdicts}
    return Row(
        now.id,
        now.incidents,
        tuple(sorted({*before.laws, *now.laws})),
        {**before.verdicts, **now.verdicts},
        {**reasons, **now.reasons},
    )


def _verdict(record: Record | None) -> str:
    return _VERDICTS[record.outcome] if record else "error"
