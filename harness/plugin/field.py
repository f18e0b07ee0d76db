"""How ways of archiving PostgreSQL fare, docs/field.md: ``python -m harness.plugin.field > docs/field.md``.

It is drawn from the scenarios and from the verdicts in docs/scenarios.json, as the catalogue is; ``./run catalogue``
makes both.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from harness.plugin.catalogue import VERDICTS, Entry, entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

FIELD = {
    "article": "[article](../examples/article): `services.postgresqlBackup`, GnuPG, and one `rclone copy` to a union "
    "of both stores, as published",
    "age": "[age](../examples/age): `pg_dump`, gzip and age; rclone to each store on its own, and each is read back",
    "restic": "[restic](../examples/restic): `pg_dump` into a restic repository in each store, through rclone, and "
    "each is read back",
    "ours": "[ours](module.md): `services.postgresqlBackup` and `services.postgresqlArchive`",
}
"""The modules of the comparison, in the table's order: what each is, in Markdown."""

_HEAD = """# The field

Ways in which people archive PostgreSQL off site, ours among them, in the same scenarios. All start from the same
databases and end at the same two stores. *green*: the module kept every law and did what the scenario asks. *red*: it
did not; the reasons are below the table. *not applicable*: the module does not promise this, and says so in its site
(`gate.exempt`). *error*: the harness could not judge. *not yet*: it has not been tried.

A red cell is about the example as it is written here, not about the tool: another way to call age or restic may do
better. And ours was written with these scenarios at hand; the others were not.
"""
_FOOT = """Nobody edits this page. `./run catalogue` makes it of the scenarios and of the verdicts in scenarios.json;
`./run catalogue judge` makes those, with `pg-archive-gate compare article age restic ours --json docs/scenarios.json`.
"""
_NOT_YET = "not yet"
_COUNTED = {"green": "green", "red": "red", "not-applicable": "not applicable", "error": "error", _NOT_YET: _NOT_YET}


def field(found: Sequence[Entry], comparison: Mapping[str, Any]) -> str:
    """Return the page, in Markdown; ``comparison`` is what compare writes as data."""
    rows = {row["id"]: row for row in comparison["scenarios"]}
    verdicts = {
        module: [rows.get(entry.id, {"verdicts": {}})["verdicts"].get(module, _NOT_YET) for entry in found]
        for module in FIELD
    }
    parts = [_HEAD, *_sums(verdicts), "", *_table(found, verdicts), "", *_reasons(found, rows), _FOOT]
    return "\n".join(parts)


def _sums(verdicts: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield f"| | {' | '.join(_COUNTED.values())} |"
    yield "|---" * (1 + len(_COUNTED)) + "|"
    for module, about in FIELD.items():
        counts = Counter(verdicts[module])
        yield _row(about, *(str(counts[verdict]) for verdict in _COUNTED))


def _table(found: Sequence[Entry], verdicts: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield f"| scenario | {' | '.join(FIELD)} |"
    yield "|---" * (1 + len(FIELD)) + "|"
    for number, entry in enumerate(found):
        yield _row(_name(entry.id), *(_COUNTED[verdicts[module][number]] for module in FIELD))


def _reasons(found: Iterable[Entry], rows: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield, by module, why it is red."""
    for module in FIELD:
        reds = [entry.id for entry in found if rows.get(entry.id, {"verdicts": {}})["verdicts"].get(module) == "red"]
        if reds:
            yield f"## Where {module} is red\n"
            yield "| scenario | why |\n|---|---|"
            yield from (_row(_name(name), rows[name]["reasons"].get(module, "")) for name in reds)
            yield ""


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _name(scenario: str) -> str:
    return scenario.partition("::")[2].removeprefix("test_").replace("_", " ")


def main() -> None:
    """Print it."""
    sys.stdout.write(field(entries(), json.loads(VERDICTS.read_text("utf-8"))))


if __name__ == "__main__":
    main()
