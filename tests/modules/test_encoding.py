"""In which encoding a dump names tables and roles."""

from __future__ import annotations

import pytest

from pg_archive.encoding import codec
from pg_archive.scanner import Scanner
from pg_archive.script import survey
from tests.modules.operator import SQL


@pytest.mark.parametrize(
    ("encoding", "python"), [("UTF8", "utf-8"), ("LATIN1", "iso8859-1"), ("WIN1252", "cp1252"), ("SQL_ASCII", "utf-8")]
)
def test_tables_and_roles_are_named_in_the_dumps_encoding(encoding: str, python: str) -> None:
    sql = SQL.decode().replace("'UTF8'", f"'{encoding}'").replace("public.t", 'public."tä"')
    sql = sql.replace(
        "\n--\n-- PostgreSQL database dump complete",
        '\nALTER TABLE public."tä" OWNER TO "jürgen";\n\n--\n-- PostgreSQL database dump complete',
    )
    scanner = Scanner()
    scanner.feed(sql.encode(python))
    assert scanner.rows == {'public."tä"': 20}
    assert survey([sql.encode(python)]).roles == {"jürgen"}


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "EUC_TW"])
def test_a_table_whose_name_cannot_be_read_is_left_out(encoding: str) -> None:
    """It would be missed by each verification."""
    sql = SQL.replace(b"'UTF8'", b"'%b'" % encoding.encode())
    rows = sql[sql.index(b"--\n-- Data") : sql.index(b"--\n-- PostgreSQL database dump complete")]
    sql = sql.replace(rows, rows + rows.replace(b"public.t", b'public."t\xe4"'))
    for size in (1000, 1 << 20):
        scanner = Scanner()
        for start in range(0, len(sql), size):
            scanner.feed(sql[start : start + size])
        assert scanner.rows == {"public.t": 20}
        assert scanner.complete


def test_python_knows_the_servers_encodings() -> None:
    """All but two of https://www.postgresql.org/docs/current/multibyte.html."""
    latin = [f"LATIN{number}" for number in range(1, 11)]
    windows = [f"WIN{number}" for number in (*range(1250, 1259), 866, 874)]
    others = ["UTF8", "EUC_JP", "EUC_CN", "EUC_KR", "EUC_JIS_2004", "KOI8R", "KOI8U"]
    clients = ["SJIS", "BIG5", "GBK", "UHC", "GB18030", "JOHAB", "SHIFT_JIS_2004"]
    iso = [f"ISO_8859_{number}" for number in range(5, 9)]
    found = {name: codec(name) for name in [*latin, *windows, *others, *clients, *iso]}
    assert "ascii" not in found.values()
    assert len(set(found.values())) == len(found)
    assert [found[name] for name in ("LATIN5", "LATIN9", "ISO_8859_5", "EUC_JP")] == [
        "iso8859-9",
        "iso8859-15",
        "iso8859-5",
        "euc_jp",
    ]
    assert [codec(name) for name in ("EUC_TW", "MULE_INTERNAL")] == ["ascii", "ascii"]
