"""How strong the tests are: the share of mutants that they kill, and every other one by name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from pydantic import ValidationError
from rich.table import Table

from harness import resources
from harness.errors import GateError
from harness.mutants.report_schema import (
    FileResult,
    Location,
    MutantResult,
    Position,
    Report,
    Status,
    TestDefinition,
    TestFile,
    Thresholds,
)
from harness.mutants.verdict import Fate, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from harness.mutants.mutant import Mutant

_STATUS: dict[Fate, Status] = {
    Fate.KILLED: "Killed",
    Fate.SURVIVED: "Survived",
    Fate.BY_ANOTHER: "Killed",
    Fate.INVALID: "CompileError",
    Fate.TIMED_OUT: "Timeout",
    Fate.EQUIVALENT: "Ignored",
}
_NOT_JUDGED = {Fate.INVALID, Fate.TIMED_OUT}
_COLOURS = {Fate.KILLED: "green", Fate.SURVIVED: "red", Fate.BY_ANOTHER: "red", Fate.EQUIVALENT: "dim"}
_LANGUAGES = {".py": "python", ".nix": "nix", ".sh": "bash"}


@dataclass(frozen=True)
class Score:
    """Of verdicts."""

    verdicts: tuple[Verdict, ...]

    @property
    def missed(self) -> bool:
        """Whether there is a mutant that not each test that names it has noticed."""
        return any(verdict.fate in {Fate.SURVIVED, Fate.BY_ANOTHER} for verdict in self.verdicts)

    @property
    def judged(self) -> bool:
        """Whether it is known of each mutant what becomes of it."""
        return not any(verdict.fate in _NOT_JUDGED for verdict in self.verdicts)

    @classmethod
    def again(cls, file: Path, mutants: Iterable[Mutant]) -> Score:
        """Return the verdicts on these that an earlier run wrote as its report; none without the file.

        Without those that were not judged: another run may do better.

        Raises:
            GateError: it is no such report.
        """
        if not file.exists():
            return cls(())
        try:
            files = Report.model_validate_json(file.read_text()).files
        except ValidationError:
            raise GateError(f"{file} is no report of mutants, and is left alone; name another file") from None
        known = {result.id: result for each in files.values() for result in each.mutants}
        found = [_verdict(mutant, known[mutant.id]) for mutant in mutants if mutant.id in known]
        return cls(tuple(verdict for verdict in found if verdict.fate not in _NOT_JUDGED))

    def summary(self) -> str:
        """Return the numbers in a line; the score is killed over killed and survived."""
        if not self.verdicts:
            return "no mutant was to be judged"
        counts = Counter(verdict.fate for verdict in self.verdicts)
        killed, survived = counts[Fate.KILLED], counts[Fate.SURVIVED]
        share = f"{100 * killed / (killed + survived):.0f} %" if killed + survived else "none"
        return f"score {share}: " + ", ".join(f"{counts[fate]} {fate}" for fate in Fate if counts[fate])

    def table(self) -> Table:
        """Return a row for each mutant."""
        table = Table("mutant", "incident", "law", "fate", "s", "why")
        for verdict in self.verdicts:
            mutant, colour = verdict.mutant, _COLOURS.get(verdict.fate, "yellow")
            law = mutant.law.wording if mutant.law else ""
            why = verdict.why.replace("[", r"\[")
            fate = f"[{colour}]{verdict.fate}[/]"
            table.add_row(mutant.id, str(mutant.incident or ""), law, fate, f"{verdict.seconds:.0f}", why)
        return table

    def report(self, root: Path = resources.ROOT) -> Report:
        """Return it in the schema that viewers of mutation tests read, with the sources of the checkout ``root``."""
        files: dict[str, FileResult] = {}
        for name in sorted({verdict.mutant.file for verdict in self.verdicts}):
            source = (root / name).read_text()
            mutants = tuple(_result(each, source) for each in self.verdicts if each.mutant.file == name)
            language = _LANGUAGES.get(PurePath(name).suffix, "text")
            files[name] = FileResult(language=language, source=source, mutants=mutants)
        return Report(
            schema_version="2",
            thresholds=Thresholds(high=100, low=95),
            files=files,
            test_files=self._test_files(),
        )

    def junit(self) -> str:
        """Return it as JUnit's XML, a case for each mutant: a failure for one that was missed."""
        suite = ET.Element("testsuite", name="mutants", tests=str(len(self.verdicts)))
        for verdict in self.verdicts:
            case = ET.SubElement(
                suite, "testcase", classname="mutants", name=verdict.mutant.id, time=f"{verdict.seconds:.1f}"
            )
            if verdict.fate in {Fate.SURVIVED, Fate.BY_ANOTHER}:
                ET.SubElement(case, "failure", message=f"{verdict.fate}: {verdict.why}")
            elif verdict.fate in _NOT_JUDGED:
                ET.SubElement(case, "error", message=f"{verdict.fate}: {verdict.why}")
            elif verdict.fate == Fate.EQUIVALENT:
                ET.SubElement(case, "skipped", message=verdict.why)
        return ET.tostring(suite, encoding="unicode") + "\n"

    def _test_files(self) -> dict[str, TestFile]:
        names = sorted({name for verdict in self.verdicts for name in verdict.ran})
        files = dict.fromkeys(name.partition("::")[0] for name in names)
        return {
            file: TestFile(
                tests=tuple(
                    TestDefinition(id=name, name=name.partition("::")[2])
                    for name in names
                    if name.startswith(f"{file}::")
                )
            )
            for file in files
        }


def _result(verdict: Verdict, source: str) -> MutantResult:
    mutant = verdict.mutant
    return MutantResult(
        id=mutant.id,
        mutator_name=mutant.link or mutant.target,
        location=_location(mutant, source),
        status=_STATUS[verdict.fate],
        status_reason=f"{verdict.fate}: {verdict.why}" if verdict.why else str(verdict.fate),
        replacement=mutant.replace,
        description=mutant.defect,
        covered_by=verdict.ran,
        killed_by=verdict.killers,
        duration=round(1000 * verdict.seconds),
    )


def _verdict(mutant: Mutant, result: MutantResult) -> Verdict:
    fate, _, why = result.status_reason.partition(": ")
    return Verdict(mutant, Fate(fate), why, result.killed_by, result.covered_by, result.duration / 1000)


def _location(mutant: Mutant, source: str) -> Location:
    start = source.index(mutant.find)
    return Location(start=_position(source, start), end=_position(source, start + len(mutant.find or source)))


def _position(source: str, offset: int) -> Position:
    line = source.count("\n", 0, offset) + 1
    return Position(line=line, column=offset - source.rfind("\n", 0, offset))
