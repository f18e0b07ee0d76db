"""Everything a dump must restore of a database, in a form that can be compared.

The catalogue as PostgreSQL describes it, and every row of every table as an order-independent digest, computed
in the database by one psql session in one snapshot: ``catalogue/*.sql``, one file per kind of object. Equality is
semantic: it ignores OIDs (except a large object's, which is its name), physical order, and the text of a dump.

Left out, because ``pg_dump --no-owner`` of one database does not contain them: owners; roles, tablespaces
and their settings; privileges, comment and settings of the database itself; planner statistics; whether a subscription
is enabled; the rows of materialized views, recomputed, and of foreign tables, which are another database's; the
position of inherited columns; PUBLIC's USAGE of a schema that initdb made as "public" and that was renamed, which a
verdict notes (``uncarried``). A user's column privileges in a table of another's are left out if it is the user who
restores. tests/database/changes has the whole list, and asks pg_dump.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, TypeAlias, cast

from harness.database.difference import Difference, Json
from harness.database.expression import settled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.database.psql import Psql

Aspects: TypeAlias = dict[str, Json]

_DEPARSED = {"definition", "default", "generated", "partition", "using", "check", "tables"}
_ROWS = {"rows", "digest of rows"}

# They share the session's snapshot (PostgreSQL's documentation, Parallel Query), and turn rows into text.
_PARALLEL = """
SET max_parallel_workers_per_gather = {};
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
"""


@dataclass(frozen=True)
class Fingerprint:
    """Each object's aspects, by path, in dependency order."""

    objects: Mapping[str, Aspects]
    uncarried: tuple[str, ...] = ()
    """Rights that no dump can carry, whatever its options; not compared."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the whole, hex: equal if and only if :meth:`diff` is empty."""
        return hashlib.sha256(json.dumps(self.objects, sort_keys=True).encode()).hexdigest()

    @property
    def rows(self) -> int:
        """Total number of rows."""
        return sum(cast("int", aspects.get("rows", 0)) for aspects in self.objects.values())

    def diff(self, other: Fingerprint) -> list[Difference]:
        """How ``other`` differs: the catalogue, most fundamental first, then rows; empty if equal."""
        found: list[Difference] = []
        for path in dict.fromkeys([*self.objects, *other.objects]):
            left, right = self.objects.get(path), other.objects.get(path)
            if left is None or right is None:
                found.append(Difference(path, None, left, right))
                continue
            aspects = [aspect for aspect in dict.fromkeys([*left, *right]) if left.get(aspect) != right.get(aspect)]
            if _ROWS.issubset(aspects):  # a different number of rows has a different digest
                aspects.remove("digest of rows")
            found += [Difference(path, aspect, left.get(aspect), right.get(aspect)) for aspect in aspects]
        return sorted(found, key=lambda difference: difference.aspect in _ROWS)


def fingerprint(psql: Psql, database: str) -> Fingerprint:
    """Take a database's fingerprint.

    Raises:
        DatabaseError: it cannot be read: no such database, a table locked for 30 s, a damaged page.
        LimitMet: it takes longer than psql's limit.
    """
    return parse(read(psql, database))


def read(psql: Psql, database: str) -> str:
    """Return what ``parse`` makes a fingerprint of. Raises what ``fingerprint`` raises."""
    return psql.run(fingerprint_script(workers=workers(psql)), database, timeout=psql.limit)


def parse(output: str) -> Fingerprint:
    """Read the catalogue queries' output: ``[kind, name, aspects]`` per line; equal paths are one object."""
    by_kind: dict[str, dict[str, Aspects]] = {}
    uncarried: list[str] = []
    for line in output.split("\n"):
        if not line:
            continue
        kind, name, aspects = json.loads(line)
        if kind == "uncarried":
            uncarried.append(name)
            continue
        path = kind if name is None else f"{kind} {name}"
        by_kind.setdefault(kind, {}).setdefault(path, {}).update(_settled(aspects))
    objects = {path: of_kind[path] for of_kind in by_kind.values() for path in sorted(of_kind)}
    return Fingerprint(objects, tuple(uncarried))


def _settled(aspects: Aspects) -> Aspects:
    return {aspect: _deep(value) if aspect in _DEPARSED else value for aspect, value in aspects.items()}


def _deep(value: Json) -> Json:
    match value:
        case str():
            return settled(value)
        case dict():
            return {name: _deep(item) for name, item in value.items()}
        case _:
            return value


def workers(psql: Psql) -> int:
    """Return how many processes help the first to read a large table: none where there is one processor, as in a guest.

    The first does not only wait for them: it hashes.
    """
    return psql.processors - 1


def fingerprint_script(*, workers: int = 0) -> str:
    """Return the SQL that reads all of it, large tables with the help of so many more processes."""
    catalogue = files("harness.database") / "catalogue"
    statements = sorted(file.name for file in catalogue.iterdir() if file.name[0].isdigit())
    session, *rest = ((catalogue / name).read_text("utf-8") for name in ["session.sql", *statements])
    return "\n".join([session, *([_PARALLEL.format(workers)] if workers else []), *rest])
