"""What the catalogue queries return, column by column, and which of it a difference is in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from harness.database.fingerprint import fingerprint_script

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.database.difference import Difference, Json
    from harness.database.psql import Psql

Column: TypeAlias = tuple[str, str]
"""A kind of object, and an aspect or ``aspect.part`` of it; the aspect is empty for the object's existence."""

_KEYED_BY_NAME = {"privileges on", "default privileges"}  # their aspects are roles
_RELATIONS = {"view", "materialized view", "foreign table"}  # of one query, with tables
_VALUES = {"options", "foreign options", "tables"}  # their parts are names of the user's


def columns(psql: Psql, database: str) -> set[Column]:
    """Return all columns that the queries have for a database, those that are null included."""
    found: set[Column] = set()
    for line in psql.run(fingerprint_script().replace("json_strip_nulls(", "("), database).splitlines():
        kind, _, aspects = json.loads(line)
        kind = "table" if kind in _RELATIONS else kind
        found.add((kind, ""))
        if kind not in _KEYED_BY_NAME:
            for aspect, value in aspects.items():
                found |= {(kind, name) for name in _parts(aspect, value)}
    return {
        (kind, name)
        for kind, name in found
        if not any((kind, other.partition(".")[0]) == (kind, name) for k, other in found if k == kind and "." in other)
    }


def touched(differences: Iterable[Difference], kinds: Iterable[str]) -> set[Column]:
    """Return the columns that differ."""
    longest_first = sorted({*kinds, *_RELATIONS}, key=len, reverse=True)
    found: set[Column] = set()
    for difference in differences:
        kind = next(kind for kind in longest_first if f"{difference.path} ".startswith(f"{kind} "))
        kind = "table" if kind in _RELATIONS else kind
        aspect = difference.aspect
        if aspect is None or kind in _KEYED_BY_NAME:
            found.add((kind, ""))
        elif isinstance(difference.left, dict) and isinstance(difference.right, dict) and aspect not in _VALUES:
            left, right = difference.left, difference.right
            found |= {(kind, f"{aspect}.{key}") for key in {*left, *right} if left.get(key) != right.get(key)}
        else:
            found.add((kind, aspect))
    return found


def _parts(aspect: str, value: Json) -> list[str]:
    if isinstance(value, dict) and aspect not in _VALUES:
        return [f"{aspect}.{part}" for part in value]
    return [aspect]
