"""No setting of a database changes what is seen of it: a restored one has none of its source's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.archive.restore import restored
from harness.database.fingerprint import fingerprint
from tests.database.dumping import dump
from tests.database.fixtures import created

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.database.fingerprint import Fingerprint
    from harness.database.psql import Psql

# Each value and definition is printed in another way under some setting.
PRINTED = r"""
CREATE TABLE t (a timestamptz DEFAULT '2001-02-03 04:05 UTC', b interval DEFAULT '1 day 2 hours', "select" text
    DEFAULT E'a\\b', c double precision DEFAULT 0.1, d bytea DEFAULT '\x00ff', e money DEFAULT '1.50'::money,
    f text[] DEFAULT '{NULL,a}', g xml DEFAULT '<a/>', h text CHECK (h <> E'\\'));
INSERT INTO t DEFAULT VALUES;
CREATE VIEW v AS SELECT E'a\\b' AS x, 'b' ~ E'\\d' AS y, "select" FROM t WHERE a > '2001-02-03 04:05 UTC';
CREATE FUNCTION f() RETURNS text BEGIN ATOMIC SELECT E'a\\b'; END;
CREATE RULE r AS ON INSERT TO t WHERE NEW."select" = E'\\' DO INSTEAD NOTHING;
CREATE POLICY p ON t USING ("select" <> E'\\' AND b < '1 year');
CREATE INDEX i ON t ((c * 0.1)) WHERE "select" <> E'\\' AND b < '1 year';
"""

SETTINGS = [
    "standard_conforming_strings = off",
    "escape_string_warning = off",
    "backslash_quote = on",
    "quote_all_identifiers = on",
    "array_nulls = off",
    "transform_null_equals = on",
    "default_transaction_read_only = on",
    "default_transaction_isolation = serializable",
    "datestyle = 'SQL, DMY'",
    "intervalstyle = 'iso_8601'",
    "timezone = 'Asia/Kathmandu'",
    "timezone_abbreviations = 'India'",
    "extra_float_digits = 0",
    "bytea_output = 'escape'",
    "xmlbinary = 'hex'",
    "xmloption = 'document'",
    "lc_monetary = 'C.UTF-8'",
    "lc_numeric = 'C.UTF-8'",
    "lc_time = 'C.UTF-8'",
    "search_path = 'public'",
    "row_security = off",
    "default_tablespace = pg_global",
    "statement_timeout = '1ms'",
    "idle_in_transaction_session_timeout = '1ms'",
]


@pytest.fixture(scope="module")
def source(psql: Psql) -> Iterator[str]:
    with created(psql, "settings") as name:
        psql.run(PRINTED, name)
        yield name


@pytest.fixture(scope="module")
def before(psql: Psql, source: str) -> Fingerprint:
    return fingerprint(psql, source)


@pytest.mark.parametrize("setting", SETTINGS)
def test_no_setting_is_seen(psql: Psql, source: str, before: Fingerprint, setting: str) -> None:
    psql.run(f"ALTER DATABASE {source} SET {setting}")
    try:
        assert list(map(str, before.diff(fingerprint(psql, source)))) == []
    finally:
        psql.run(f"ALTER DATABASE {source} RESET ALL")


def test_the_role_that_a_session_starts_as_is_not_seen(psql: Psql, source: str, before: Fingerprint) -> None:
    psql.run("CREATE ROLE gate_nobody")
    psql.run(f"ALTER ROLE postgres IN DATABASE {source} SET role = gate_nobody")
    try:
        assert list(map(str, before.diff(fingerprint(psql, source)))) == []
    finally:
        psql.run(f"ALTER ROLE postgres IN DATABASE {source} RESET ALL; DROP ROLE gate_nobody")


def test_a_source_with_all_of_them_comes_back(psql: Psql, source: str, before: Fingerprint) -> None:
    # A millisecond is over for pg_dump, too, before it has set its own limit.
    settings = [setting for setting in SETTINGS if not setting.startswith("statement_timeout")]
    psql.run("".join(f"ALTER DATABASE {source} SET {setting};" for setting in settings))
    try:
        text = dump(psql, source)
    finally:
        psql.run(f"ALTER DATABASE {source} RESET ALL")
    with restored(psql, text, like=source) as back:
        assert list(map(str, before.diff(fingerprint(psql, back)))) == []
