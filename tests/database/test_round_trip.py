"""A real dump restores to an equal fingerprint; differences that only bytes show do not count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.archive.restore import restored
from harness.database import datasets
from harness.database.fingerprint import fingerprint
from harness.database.psql import identifier, literal
from tests.database.dumping import dump
from tests.database.fixtures import copied, created

if TYPE_CHECKING:
    from harness.database.dataset import Dataset
    from harness.database.psql import Psql

# None of these counts as lost in a dump: ownership, the rows' order on disk, defaults spelled out or implied.
HARMLESS = """
VACUUM FULL hard.texts;
CLUSTER hard.employees;
REINDEX TABLE hard.employees;
ANALYZE hard.employees;
UPDATE hard.bytes SET b = b;
ALTER TABLE hard.bytes OWNER TO gate_reader;
ALTER TYPE hard.address OWNER TO gate_reader;
ALTER FUNCTION hard.note() OWNER TO gate_reader;
ALTER LARGE OBJECT 424203 OWNER TO gate_reader;
GRANT ALL ON hard.no_rows TO CURRENT_USER;
GRANT EXECUTE ON FUNCTION hard.note() TO PUBLIC;
ALTER DATABASE "copy of hard" SET datestyle = 'SQL, DMY';
ALTER DATABASE "copy of hard" SET timezone = 'Asia/Kathmandu';
ALTER DATABASE "copy of hard" SET intervalstyle = 'iso_8601';
ALTER DATABASE "copy of hard" SET bytea_output = 'escape';
ALTER DATABASE "copy of hard" SET extra_float_digits = 0;
ALTER DATABASE "copy of hard" SET search_path = hard, public;
ALTER DATABASE "copy of hard" SET quote_all_identifiers = on;
ALTER DATABASE "copy of hard" SET lc_monetary = 'C.UTF-8';
ALTER DATABASE "copy of hard" SET statement_timeout = '1ms';
COMMENT ON DATABASE "copy of hard" IS 'not in the dump of one database';
CREATE TABLE hard.passing (a integer); DROP TABLE hard.passing;
"""


@pytest.mark.parametrize("dataset", [datasets.hard(), datasets.flights()], ids=["hard", "flights"])
def test_a_dump_brings_back_all_of_it(psql: Psql, dataset: Dataset) -> None:
    with created(psql, "source") as source:
        dataset.load(psql, source)
        before = fingerprint(psql, source)
        with restored(psql, dump(psql, source), like=source) as back:
            after = fingerprint(psql, back)
    assert list(map(str, before.diff(after))) == []
    assert before.digest == after.digest


def test_what_no_dump_carries_is_not_compared(psql: Psql, hard: str) -> None:
    before = fingerprint(psql, hard)
    with copied(psql, hard) as copy:
        psql.run(HARMLESS, copy)
        after = fingerprint(psql, copy)
    assert list(map(str, before.diff(after))) == []


@pytest.mark.parametrize(
    ("options", "value"),
    [
        ("ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C'", b"'\xe4\xf6\xfc'"),
        ("ENCODING SQL_ASCII LC_COLLATE 'C' LC_CTYPE 'C'", b"'\xe4\xff\xc3'"),
        ("ENCODING UTF8 LOCALE_PROVIDER icu ICU_LOCALE 'de-u-co-phonebk'", "'ä'".encode()),
        ("ENCODING EUC_JP LC_COLLATE 'C' LC_CTYPE 'C'", "'日本'".encode("euc_jp")),
    ],
    ids=["LATIN1", "SQL_ASCII", "ICU", "EUC_JP"],
)
def test_encoding_and_locale_come_back(psql: Psql, options: str, value: bytes) -> None:
    name = 'an "odd" name\'s = \\ ü'
    encoding = options.split()[1]
    psql.run(f"CREATE DATABASE {identifier(name)} TEMPLATE template0 {options}")
    try:
        psql.run(f"SET client_encoding = {encoding}; CREATE TABLE t AS SELECT ".encode() + value + b"::text AS t", name)
        before = fingerprint(psql, name)
        with restored(psql, dump(psql, name), like=name) as back:
            after = fingerprint(psql, back)
            psql.run(f"SET client_encoding = {encoding}; UPDATE t SET t = left(t, -1)", back)
            assert [difference.aspect for difference in before.diff(fingerprint(psql, back))] == ["digest of rows"]
        assert list(map(str, before.diff(after))) == []
    finally:
        psql.drop(name)


def test_a_database_without_its_public_schema(psql: Psql) -> None:
    with created(psql, "private") as source:
        psql.run("DROP SCHEMA public", source)
        before = fingerprint(psql, source)
        with restored(psql, dump(psql, source), like=source) as back:
            assert list(map(str, before.diff(fingerprint(psql, back)))) == []


def test_a_recreated_public_schema(psql: Psql) -> None:
    with created(psql, "again") as source:
        psql.run("DROP SCHEMA public; CREATE SCHEMA public; CREATE TABLE public.t (a integer)", source)
        before = fingerprint(psql, source)
        with restored(psql, dump(psql, source), like=source) as back:
            assert list(map(str, before.diff(fingerprint(psql, back)))) == []


def test_names_are_quoted(psql: Psql) -> None:
    odd = "a'b\\c\"d\n😀"
    assert psql.run(f"SELECT {literal(odd)} = $$a'b\\c\"d\n😀$$, 1 AS {identifier(odd)}").strip() == "t|1"
