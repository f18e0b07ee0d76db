"""The form that a definition reaches when PostgreSQL prints it, reads that and prints it again.

A definition is printed from a parse tree, and parsing the output gives a slightly different tree in three common cases:

- ``c IN ('a', 'b')`` on a varchar column is printed as ``(ARRAY['a'::character varying, …])::text[]``; reread, the
  cast is on each element: ``ARRAY[('a'::character varying)::text, …]`` (transformArrayExpr() in parse_expr.c);
- ``a BETWEEN 1 AND 2 AND b`` is printed as ``(((a >= 1) AND (a <= 2)) AND b)``; reread, the left AND
  becomes part of the outer one: ``((a >= 1) AND (a <= 2) AND b)`` (makeAndExpr() and makeOrExpr() in gram.y);
- ``SELECT 'a'`` within a query is printed as ``SELECT 'a'::text``; reread, the column is named after the cast's
  type, and printed as ``SELECT 'a'::text AS text`` (FigureColname() in parse_target.c).

So the definitions of a database and of its faithful restore can differ in text. All were seen in PostgreSQL 15.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

_TOKEN = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | [][(),] | \s(?:AND|OR)\s | (?:(?!\s(?:AND|OR)\s)[^][(),'"])+ | ['"]""",
    re.VERBOSE,
)
_NAMED = re.compile(
    r"""(::(?P<type>"[^"]+"|[\w.]+(?:\ [\w ]+?)?)(?:\([\d,]+\))?(?P<rest>\ [a-z ]+?)?(?:\[\])*)\ AS\ (?P<name>\w+)""",
    re.VERBOSE,
)
_INTERNAL = {
    "bigint": "int8",
    "bit varying": "varbit",
    "boolean": "bool",
    "character": "bpchar",
    "character varying": "varchar",
    "double precision": "float8",
    "integer": "int4",
    "real": "float4",
    "smallint": "int2",
    "time with time zone": "timetz",
    "time without time zone": "time",
    "timestamp with time zone": "timestamptz",
    "timestamp without time zone": "timestamp",
}
"""The names of types that are printed in words (format_type.c)."""
_CLOSING = {"(": ")", "[": "]"}


@dataclass
class _Group:
    bracket: str
    nodes: list[_Node]

    def __str__(self) -> str:
        return f"{self.bracket}{_text(self.nodes)}{_CLOSING[self.bracket]}"


_Node: TypeAlias = "str | _Group"


def settled(text: str) -> str:
    """Return what the server would print for a definition after reading it; leaves other text unchanged."""
    tree = _parsed(text)
    return _NAMED.sub(_unnamed, text if tree is None else _text(_settled(tree)))


def _unnamed(cast: re.Match[str]) -> str:
    """Leave out a column's name that its type gives it anyway."""
    kind = cast["type"] + (cast["rest"] or "")
    return cast[1] if cast["name"] == _INTERNAL.get(kind, kind.rpartition(".")[2]) else cast[0]


def _parsed(text: str) -> list[_Node] | None:
    """Nest by brackets; None if they do not match."""
    levels = [_Group("", [])]
    for token in _TOKEN.findall(text):
        if token in _CLOSING:
            levels.append(_Group(token, []))
        elif token in _CLOSING.values():
            group = levels.pop()
            if not levels or _CLOSING[group.bracket] != token:
                return None
            levels[-1].nodes.append(group)
        else:
            levels[-1].nodes.append(token)
    return levels[0].nodes if len(levels) == 1 else None


def _settled(nodes: list[_Node]) -> list[_Node]:
    result: list[_Node] = []
    for node in nodes:
        result.append(_Group(node.bracket, _settled(node.nodes)) if isinstance(node, _Group) else node)
        _push_cast(result)
    _flatten(result)
    return result


def _push_cast(nodes: list[_Node]) -> None:
    """Turn ``(ARRAY[x, y])::type[]`` at the end into ``ARRAY[(x)::type, (y)::type]``."""
    match nodes:
        case [*_, _Group("(", ["ARRAY", _Group("[", elements)]), str(cast), _Group("[", [])] if cast[:2] == "::":
            start, kind = -3, cast
        case [
            *_,
            _Group("(", ["ARRAY", _Group("[", elements)]),
            str(cast),
            _Group("(", _) as modifier,
            _Group("[", []),
        ] if cast[:2] == "::":
            start, kind = -4, f"{cast}{modifier}"
        case _:
            return
    moved: list[_Node] = []
    for element in _separated(elements):
        moved += [", " if moved else "", _Group("(", element), kind]
    nodes[start:] = ["ARRAY", _Group("[", moved)]


def _separated(nodes: list[_Node]) -> list[list[_Node]]:
    """Split at the commas, which are followed by a space."""
    elements: list[list[_Node]] = [[]]
    for node in nodes:
        if node == ",":
            elements.append([])
        elif isinstance(node, str) and not elements[-1]:
            elements[-1].append(node.lstrip())
        else:
            elements[-1].append(node)
    return elements


def _flatten(nodes: list[_Node]) -> None:
    """Turn ``(x AND y) AND z`` into ``x AND y AND z``, likewise with OR."""
    match nodes:
        case [_Group("(", inner), str(operator), *_] if operator in {" AND ", " OR "} and operator in inner:
            nodes[:1] = inner


def _text(nodes: list[_Node]) -> str:
    return "".join(map(str, nodes))
