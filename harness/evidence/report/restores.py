"""Does what is in each store restore? For each database and store, what all runs together say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.archive.verdict import Stage, Verdict
    from harness.evidence.record import Record


@dataclass(frozen=True)
class Cell:
    """One database at one store."""

    restored: int
    """How many archives restored to the source."""
    defects: tuple[tuple[str, str], ...]
    """Scenario and what was wrong, in a sentence: an archive that does not restore, a green run that left none."""

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
        restored: dict[tuple[str, str], int] = {}
        defects: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for record in records:
            for number, run in enumerate(record.runs, start=1):
                for store, found in run.objects.items():
                    place = (run.database, store)
                    restored.setdefault(place, 0)
                    if run.result == "success" and not found and store not in _unreachable(record, number):
                        sentence = f"run {number} is green, and {store} has no archive from it"
                        defects.setdefault(place, []).append((record.name, sentence))
                    for verdict in run.verdicts:
                        failure = failure_at(verdict, store)
                        if failure:
                            defects.setdefault(place, []).append((record.name, f"run {number}: {failure}"))
                        restored[place] += failure is None and any(
                            stage.name == "restored" and stage.store == store for stage in verdict.stages
                        )
        stores = tuple(dict.fromkeys(store for _, store in restored))
        rows: dict[str, dict[str, Cell]] = {}
        for (database, store), number in restored.items():
            cell = Cell(number, tuple(dict.fromkeys(defects.get((database, store), ()))))
            rows.setdefault(database, {})[store] = cell
        return cls(stores, rows)

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


def failure_at(verdict: Verdict, store: str) -> Stage | None:
    """Return the first stage that is not ok on the way through a store."""
    return next((stage for stage in verdict.stages if not stage.ok and stage.store in {None, store}), None)


def _unreachable(record: Record, number: int) -> set[str]:
    """Return the stores that the law could not ask after a run."""
    said = [judgement.said for judgement in record.laws if judgement.run == number and judgement.holds is None]
    return {store for store in record.inventory if any(store in sentence for sentence in said)}
