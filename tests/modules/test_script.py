"""What a dump needs, from its text: however it comes in pieces."""

from __future__ import annotations

import pytest

from pg_archive.scanner import without_rows
from pg_archive.script import guarded, survey
from tests.modules.operator import SQL


@pytest.mark.parametrize("piece", [1, 7, 1000, 1 << 20])
def test_roles_in_rows_are_none(piece: int) -> None:
    function = b"CREATE FUNCTION f() AS $$\nCOPY public.no (a) FROM stdin;\n$$;\nALTER FUNCTION f() OWNER TO carol;\n"
    empty = b"--\n-- Data for Name: e\n--\n\nCOPY public.e (a) FROM stdin;\n\\.\n\n\n"
    sql = SQL.replace(b"--\n-- Data", function + empty + b"GRANT ALL ON TABLE public.t TO dave;\n\n--\n-- Data", 1)
    sql = sql.replace(
        b"\\.\n\n\n--\n-- Post", b"GRANT ALL ON t TO bob;\n\\.\n\n\nALTER TABLE public.t OWNER TO alice;\n\n--\n-- Post"
    )
    assert b"TO bob" in sql
    found = survey(sql[start : start + piece] for start in range(0, len(sql), piece))
    assert found.roles == {"alice", "carol", "dave"}
    assert found.size == len(sql)


def test_what_is_no_role() -> None:
    """Statements that end alike."""
    sql = b"ALTER DATABASE db1 SET work_mem TO much;\nALTER TABLE public.t RENAME TO u;\n"
    assert survey([sql]).roles == set()


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_statements_without_rows(piece: int) -> None:
    before, after = b"--\n-- Data for Name: t\n--\n\nCOPY public.t (a) FROM stdin;", b"\n\n\nANALYZE;\n"
    sql = before + b"\n1\n2\n\\." + after
    pieces = (sql[start : start + piece] for start in range(0, len(sql), piece))
    assert b"".join(without_rows(pieces)) == before + after


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("piece", [1, 1000, 100_000])
def test_all_of_a_dump_goes_to_psql(piece: int, restricted: bool) -> None:
    rows = b"".join(b"%d\n" % number for number in range(30_000))
    sql = SQL.replace(b"\\.\n", rows + b"\\.\n", 1)
    dump = b"--\n--\n\n\\restrict Key\n" + sql + b"\\unrestrict Key\n\n" if restricted else sql
    given = b"".join(guarded((dump[start : start + piece] for start in range(0, len(dump), piece)), None))
    first, *lines = given.split(b"\n")
    assert first.startswith(b"BEGIN; \\restrict ")
    assert rows in given
    kept = b"\n".join(lines)
    assert kept.startswith(b"--\n--\n\n\n" + sql if restricted else sql)
    key = first.split(b" ")[-1]
    assert kept.endswith(b"\n\\unrestrict %b\nCOMMIT;\n" % key)
    assert kept.count(b"restrict ") == 1


def test_roles_before_a_long_text() -> None:
    """As before the body of a large function, of which not all is in memory at once."""
    text = b"GRANT ALL ON TABLE public.t TO dave;\n" + b"-- nothing here\n" * 100_000
    assert survey(text[start : start + 65536] for start in range(0, len(text), 65536)).roles == {"dave"}
