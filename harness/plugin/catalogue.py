"""The catalogue of scenarios, docs/scenarios.md: ``python -m harness.plugin.catalogue > docs/scenarios.md``.

It is drawn from the scenarios themselves, and from the verdicts in docs/scenarios.json, which
``pg-archive-gate compare … --json docs/scenarios.json`` writes. ``./run catalogue judge`` is both.
"""

from __future__ import annotations

import inspect
import io
import json
import os
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest

from harness import resources
from harness.errors import GateError
from harness.mutants.catalogue import load
from harness.mutants.verdict import cases

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from harness.mutants.mutant import Mutant

_SHOWN = ("article", "ours")
"""The modules in the tables; docs/field.md has more."""
VERDICTS = resources.ROOT / "docs" / "scenarios.json"
_HEAD = """# Scenarios

What the gate does to a module, by file, and how the article's recipe and our module fare. The incidents are those of
[incidents.md](incidents.md); of the laws, those that a run was asked. What is *nightly* is like another one, and left
out by `./run test`. [field.md](field.md) has the verdicts on other ways of archiving too. *Seen red by*: the defects of
[mutants/](mutants.md) that the scenario must notice, in its own words.

Nobody edits this page. `./run catalogue` makes it of the scenarios and of the verdicts in scenarios.json, and
`./run catalogue judge` makes those.
"""


class NothingCollected(GateError):
    """pytest cannot collect the scenarios."""


@dataclass(frozen=True)
class Entry:
    """One scenario."""

    id: str
    """As in a comparison: ``test_x.py::test_y[db1]``."""
    about: str
    """Its docstring's first line."""
    file: str
    """Its file's docstring's first line."""
    incidents: tuple[int, ...]
    nightly: bool


def entries() -> list[Entry]:
    """Collect the scenarios, in the order of their files and lines.

    Raises:
        NothingCollected: pytest cannot; the message has what it said.
    """
    collector = _Collector()
    words = ["-c", os.devnull, f"--rootdir={resources.ROOT}", "--collect-only", "-p", "no:cacheprovider"]
    said = io.StringIO()
    with redirect_stdout(said):
        status = pytest.main([*words, "-p", "no:randomly", str(resources.ROOT / "scenarios")], plugins=[collector])
    if status or not collector.found:
        raise NothingCollected(f"pytest cannot collect the scenarios; it says:\n{said.getvalue()}")
    return collector.found


class _Collector:
    """A plugin that keeps what was collected."""

    def __init__(self) -> None:
        self.found: list[Entry] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.found = [_entry(item) for item in session.items if isinstance(item, pytest.Function)]


def _entry(item: pytest.Function) -> Entry:
    numbers = {number for marker in item.iter_markers("incident") for number in marker.args}
    return Entry(
        id=item.nodeid.rsplit("/", 1)[-1],
        about=_first_line(item.function),
        file=_first_line(item.module),
        incidents=tuple(sorted(numbers)),
        nightly=item.get_closest_marker("nightly") is not None,
    )


def _first_line(documented: object) -> str:
    return (inspect.getdoc(documented) or "").partition("\n")[0]


def noticed(found: Iterable[Entry], mutants: Iterable[Mutant]) -> dict[str, list[str]]:
    """Return by scenario the mutants that name it, but for those that are not run: nothing can notice them."""
    names = {f"scenarios/{entry.id}": entry.id for entry in found}
    by_scenario: dict[str, list[str]] = {name: [] for name in names.values()}
    for mutant in (mutant for mutant in mutants if not mutant.equivalent):
        for case in dict.fromkeys(case for test in mutant.tests for case in cases(test, names)):
            by_scenario[names[case]].append(mutant.id)
    return by_scenario


def catalogue(found: Collection[Entry], comparison: Mapping[str, Any], mutants: Iterable[Mutant] = ()) -> str:
    """Return the page, in Markdown; ``comparison`` is what compare writes as data."""
    return "\n".join([_HEAD, *_sections(found, comparison, noticed(found, mutants))])


def _sections(found: Iterable[Entry], comparison: Mapping[str, Any], red: Mapping[str, Sequence[str]]) -> Iterator[str]:
    judged = {row["id"]: row for row in comparison["scenarios"]}
    modules = [module for module in _SHOWN if module in comparison["modules"]]
    for file, of_file in groupby(found, key=lambda entry: entry.id.partition("::")[0]):
        listed = list(of_file)
        yield f"## {file.removesuffix('.py')}\n\n{listed[0].file}\n"
        yield f"| scenario | what happens | incidents | laws | {' | '.join(modules)} | seen red by |"
        yield "|---" * (5 + len(modules)) + "|"
        for entry in listed:
            row = judged.get(entry.id, {"laws": [], "verdicts": {}})
            name = entry.id.partition("::")[2].removeprefix("test_") + (" (nightly)" if entry.nightly else "")
            verdicts = [row["verdicts"].get(module, "not yet") for module in modules]
            cells = [name, entry.about, ", ".join(map(str, entry.incidents)), ", ".join(row["laws"]), *verdicts]
            cells.append(", ".join(red[entry.id]))
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
        yield ""


def main() -> None:
    """Print it."""
    sys.stdout.write(catalogue(entries(), json.loads(VERDICTS.read_text("utf-8")), load()))


if __name__ == "__main__":
    main()
