"""Does what is in each store restore? For each database and store, what all runs together say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.evidence.record import Record, Run


@dataclass(frozen=True)
class Cell:
    """One database at one store."""

    restored: int
    """How many archives restored to the source."""
    defects: tuple[tuple[Record, str], ...]
    """Of which scenario, and what was wrong: an archive that does not restore, a green run that left none."""

    @property
    def holds(self) -> bool | None:
        """Whether all is well; None if nothing was judged."""
        return False if self.defects else True if self.restored else None


@dataclass(frozen=True)
class Restores:
    """A row for each database, a column for each store."""

    stores: tuple[str, ...]
    rows: dict[str, dict[str, Cell]]

    @classmethod
    def of(cls, records: Iterable[Record]) -> Restores:
        """Sum up all verdicts, and the green runs that left nothing at a store.

        A verdict of an archive that a red run left counts too: it is in the store, and looks like one.
        """
        rows: dict[str, dict[str, Cell]] = {}
        for record in records:
            for number, run in enumerate(record.runs, start=1):
                row = rows.setdefault(run.database, {})
                for store in run.objects:
                    cell = row.get(store, Cell(0, ()))
                    if defect := _defect(record, number, store):
                        cell = Cell(cell.restored, (*cell.defects, (record, f"run {number}{defect}")))
                    elif _restored(run, store):
                        cell = Cell(cell.restored + 1, cell.defects)
                    row[store] = cell
        return cls(tuple(dict.fromkeys(store for row in rows.values() for store in row)), rows)

    @property
    def answer(self) -> str:
        """One line."""
        cells = [cell for row in self.rows.values() for cell in row.values()]
        if any(cell.holds is False for cell in cells):
            return "No: not everything that a green unit promised can be restored from each store."
        if not any(cell.holds for cell in cells):
            return "Not judged: no archive was restored."
        if any(cell.holds is None for cell in cells):
            return "Yes, as far as it was judged: see the empty fields."
        return "Yes: every archive that was judged restores to its source, from each store on its own."


def _restored(run: Run, store: str) -> bool:
    stages = (stage for verdict in run.verdicts for stage in verdict.stages)
    return any(stage.ok and (stage.name, stage.store) == ("restored", store) for stage in stages)


def _defect(record: Record, number: int, store: str) -> str:
    """Return what is wrong with what a run left at a store, "" if nothing is known to be."""
    run = record.runs[number - 1]
    for verdict in run.verdicts:
        for stage in verdict.stages:
            if not stage.ok and stage.store in {None, store}:
                return f": {stage}"
    lost = run.result == "success" and not run.objects[store] and store not in _unreachable(record, number)
    return f" is green, and {store} has no archive from it" if lost else ""


def _unreachable(record: Record, number: int) -> set[str]:
    """Return the stores that the law could not ask after a run."""
    said = [judgement.said for judgement in record.laws if judgement.run == number and judgement.holds is None]
    return {store for store in record.inventory if any(store in sentence for sentence in said)}
