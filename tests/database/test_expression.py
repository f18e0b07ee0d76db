"""A definition as PostgreSQL prints it, and as it prints it after rereading, are equal here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from harness.database.expression import settled

if TYPE_CHECKING:
    from harness.database.psql import Psql

PRINTED_TWICE = """
CREATE TEMPORARY TABLE t (v varchar(20), w text, c char(3), n numeric, d date);
ALTER TABLE t ADD CONSTRAINT first CHECK (CONDITION);
SELECT pg_get_constraintdef(oid) AS first FROM pg_constraint
    WHERE conname = 'first' AND conrelid = 't'::regclass \\gset
ALTER TABLE t ADD CONSTRAINT second :first;
SELECT json_agg(pg_get_constraintdef(oid) ORDER BY conname) FROM pg_constraint WHERE conrelid = 't'::regclass;
"""

CONDITIONS = [
    "v IN ('a', 'b')",
    "v NOT IN ('it''s', 'b, (c', '[d]')",
    "v IN ('a', lower('B'), v)",
    "w IN ('a', v)",
    "v = ANY ('{a,b}')",
    "c IN ('aaa', 'bbb')",
    "n BETWEEN 1 AND 2 AND v IS NOT NULL",
    "v IS NOT NULL AND n BETWEEN 1 AND 2",
    "n BETWEEN 1 AND 2 AND n BETWEEN 0 AND 3 AND n <> 1.5 OR n NOT BETWEEN 5 AND 6 OR n = 7",
    "(n BETWEEN SYMMETRIC 2 AND 1 OR n IN (v::numeric, 3)) AND NOT (n > 1 AND n < 2 AND v IN ('x', 'y'))",
    "v IN ('a AND b', 'c OR d') AND v <> ' AND ' AND w = 'x'",
    "(n, v) IN ((1, 'a'), (2, 'b')) AND w LIKE 'a%'",
    "CASE WHEN n BETWEEN 1 AND 2 AND v IN ('a', 'b') THEN w ELSE v END = 'x'",
    "v::varchar(2) IN ('a', 'b')",
    "n IN (1, 2.50, 3)",
    "d IN ('2001-01-01', 'infinity')",
]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_definition_settles_as_the_server_settles_it(psql: Psql, condition: str) -> None:
    first, second = json.loads(psql.run(PRINTED_TWICE.replace("CONDITION", condition)))
    assert settled(first) == settled(second) == second


@pytest.mark.parametrize(
    "text",
    [
        "",
        "it's",
        'a "quoted',
        "(",
        "a)",
        "([)]",
        "'(ARRAY[a])::text[]'",
        "ARRAY[1, 2]",
        "(a OR (b AND c))",
        "a, b ,c",
        "CREATE OR REPLACE x",
        "\n AND \n",
    ],
)
def test_other_text_passes_unchanged(text: str) -> None:
    assert settled(text) == text
