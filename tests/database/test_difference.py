"""A difference is one line that an operator understands."""

from __future__ import annotations

import pytest

from harness.database.difference import Difference
from harness.database.fingerprint import parse


@pytest.mark.parametrize(
    ("difference", "sentence"),
    [
        (Difference("table public.flights", "rows", 3999, 3998), "table public.flights: 3998 rows instead of 3999"),
        (
            Difference("table public.flights", "digest of rows", "1:2", "1:3"),
            "table public.flights: same number of rows, but different ones",
        ),
        (Difference("column public.t.c", "default", "0", None), "column public.t.c: default none instead of 0"),
        (Difference("type t", "labels", ["a", "b"], ["a"]), "type t: labels [a] instead of [a, b]"),
        (
            Difference("type t", "domain", {"of": "integer", "not null": True}, {"of": "integer", "not null": False}),
            "type t: domain {of: integer, not null: no} instead of {of: integer, not null: yes}",
        ),
        (Difference("index i", None, {}, None), "index i: missing"),
        (Difference("index i", None, None, {}), "index i: not in the source"),
    ],
)
def test_wording(difference: Difference, sentence: str) -> None:
    assert str(difference) == sentence


def test_long_definitions_are_shown_where_they_differ() -> None:
    same = "SELECT\n    something " * 40
    said = str(Difference("view v", "definition", f"{same}one{same}", f"{same}two{same}"))
    assert "twoSELECT" in said
    assert "oneSELECT" in said
    assert len(said) < 400


def test_a_definition_that_goes_on_is_shown_to_go_on() -> None:
    said = str(Difference("view v", "definition", "x" * 300, "x" * 301))
    assert said.startswith("view v: definition …")
    assert said != str(Difference("view v", "definition", "x" * 301, "x" * 300))


def test_the_catalogue_comes_before_the_rows_that_follow_from_it() -> None:
    left = parse('["table", "t", {"rows": 1}]\n["column", "t.c", {"type": "a"}]\n')
    right = parse('["table", "t", {"rows": 2}]\n["column", "t.c", {"type": "b"}]\n["column", "t.d", {}]\n')
    assert [str(difference) for difference in left.diff(right)] == [
        "column t.c: type b instead of a",
        "column t.d: not in the source",
        "table t: 2 rows instead of 1",
    ]
