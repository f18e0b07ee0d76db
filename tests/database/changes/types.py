"""Types, domains, collations, conversions, text search."""

from tests.database.changes.group import Group

_BASE = """
CREATE TYPE b;
CREATE FUNCTION b_in(cstring) RETURNS b LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION b_out(b) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE FUNCTION b_in2(cstring) RETURNS b LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION b_out2(b) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE FUNCTION b_send(b) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT AS 'textsend';
CREATE FUNCTION b_recv(internal) RETURNS b LANGUAGE internal IMMUTABLE STRICT AS 'textrecv';
"""


def _base(options: str) -> str:
    return f"DROP TYPE IF EXISTS b CASCADE; {_BASE} CREATE TYPE b (INPUT = b_in, OUTPUT = b_out, {options})"


GROUPS = [
    Group(
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TYPE c AS (a integer, b text); CREATE TABLE t (e e);",
        carried=[
            "ALTER TYPE e ADD VALUE 'c'",
            "ALTER TYPE e ADD VALUE 'c' BEFORE 'b'",
            "ALTER TYPE e RENAME VALUE 'a' TO 'z'",
            "ALTER TYPE e RENAME TO f",
            "CREATE SCHEMA me_s; ALTER TYPE e SET SCHEMA me_s",
            "ALTER TYPE c ADD ATTRIBUTE c integer",
            "ALTER TYPE c DROP ATTRIBUTE b",
            "ALTER TYPE c ALTER ATTRIBUTE b TYPE varchar",
            'ALTER TYPE c ALTER ATTRIBUTE b TYPE text COLLATE "C"',
            "ALTER TYPE c RENAME ATTRIBUTE b TO z",
            "ALTER TYPE c DROP ATTRIBUTE a, ADD ATTRIBUTE a integer",
            "COMMENT ON TYPE e IS 'x'",
            "COMMENT ON TYPE c IS 'x'",
            "COMMENT ON COLUMN c.a IS 'x'",
            "GRANT USAGE ON TYPE e TO gate_reader",
            "REVOKE USAGE ON TYPE e FROM PUBLIC",
            "DROP TYPE c",
            "CREATE TYPE shell",
        ],
        left_out=[
            "ALTER TYPE e OWNER TO gate_reader",
            "ALTER TYPE c OWNER TO gate_reader",
            "ALTER TYPE c ADD ATTRIBUTE c integer; ALTER TYPE c DROP ATTRIBUTE c",
        ],
    ),
    Group(
        "CREATE DOMAIN d AS varchar(9) DEFAULT 'x' CONSTRAINT k CHECK (VALUE <> 'y') NOT NULL;",
        carried=[
            "ALTER DOMAIN d SET DEFAULT 'z'",
            "ALTER DOMAIN d DROP DEFAULT",
            "ALTER DOMAIN d DROP NOT NULL",
            "ALTER DOMAIN d ADD CHECK (VALUE <> 'z')",
            "ALTER DOMAIN d ADD CHECK (VALUE <> 'z') NOT VALID",
            "ALTER DOMAIN d DROP CONSTRAINT k",
            "ALTER DOMAIN d RENAME CONSTRAINT k TO l",
            "ALTER DOMAIN d RENAME TO e",
            "DROP DOMAIN d; CREATE DOMAIN d AS varchar(8) DEFAULT 'x' CONSTRAINT k CHECK (VALUE <> 'y') NOT NULL",
            (
                "DROP DOMAIN d; CREATE DOMAIN d AS varchar(9) COLLATE \"C\" DEFAULT 'x' CONSTRAINT k CHECK (VALUE <> 'y') "
                "NOT NULL"
            ),
            "COMMENT ON DOMAIN d IS 'x'",
            "COMMENT ON CONSTRAINT k ON DOMAIN d IS 'x'",
            "GRANT USAGE ON DOMAIN d TO gate_reader",
            "DROP DOMAIN d",
        ],
        left_out=["ALTER DOMAIN d OWNER TO gate_reader"],
    ),
    Group(
        "CREATE TYPE r AS RANGE (SUBTYPE = text); CREATE TYPE sub;"
        "CREATE FUNCTION diff(double precision, double precision) RETURNS double precision "
        "LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';"
        "CREATE TYPE n AS RANGE (SUBTYPE = double precision);",
        carried=[
            "DROP TYPE r; CREATE TYPE r AS RANGE (SUBTYPE = varchar)",
            'DROP TYPE r; CREATE TYPE r AS RANGE (SUBTYPE = text, COLLATION = "C")',
            "DROP TYPE r; CREATE TYPE r AS RANGE (SUBTYPE = text, SUBTYPE_OPCLASS = text_pattern_ops)",
            "DROP TYPE r; CREATE TYPE r AS RANGE (SUBTYPE = text, MULTIRANGE_TYPE_NAME = many)",
            "DROP TYPE n; CREATE TYPE n AS RANGE (SUBTYPE = double precision, SUBTYPE_DIFF = diff)",
            (
                "DROP TYPE n; CREATE TYPE n; CREATE FUNCTION canonical(n) RETURNS n LANGUAGE internal IMMUTABLE STRICT "
                "AS 'int4range_canonical'; "
                "CREATE TYPE n AS RANGE (SUBTYPE = double precision, CANONICAL = canonical)"
            ),
            "COMMENT ON TYPE r IS 'x'",
            "ALTER TYPE r RENAME TO s",
            "DROP TYPE r",
        ],
        left_out=["ALTER TYPE r OWNER TO gate_reader"],
    ),
    Group(
        _base("INTERNALLENGTH = VARIABLE").partition("; ")[2],
        carried=[
            "ALTER TYPE b SET (STORAGE = extended)",
            "ALTER TYPE b SET (SEND = b_send)",
            "ALTER TYPE b SET (RECEIVE = b_recv)",
            "ALTER TYPE b SET (TYPMOD_IN = varchartypmodin)",
            "ALTER TYPE b SET (ANALYZE = ts_typanalyze)",
            "ALTER TYPE b SET (SUBSCRIPT = raw_array_subscript_handler)",
            "ALTER TYPE b RENAME TO z",
            "DROP TYPE b CASCADE",
            *(
                _base(options)
                for options in (
                    "INTERNALLENGTH = 8",
                    "ALIGNMENT = double",
                    "CATEGORY = 'Z'",
                    "PREFERRED = true",
                    "DEFAULT = 'q'",
                    "DELIMITER = ';'",
                    "COLLATABLE = true",
                    "INTERNALLENGTH = 8, ELEMENT = integer, SUBSCRIPT = raw_array_subscript_handler",
                )
            ),
            _base("x = 1").replace("INPUT = b_in, OUTPUT = b_out, x = 1", "INPUT = b_in2, OUTPUT = b_out"),
            _base("x = 1").replace("INPUT = b_in, OUTPUT = b_out, x = 1", "INPUT = b_in, OUTPUT = b_out2"),
        ],
        left_out=[_base("INTERNALLENGTH = VARIABLE"), "ALTER TYPE b OWNER TO gate_reader"],
    ),
    Group(
        _base("TYPMOD_IN = varchartypmodin").partition("; ")[2],
        carried=["ALTER TYPE b SET (TYPMOD_OUT = varchartypmodout)"],
    ),
    Group(
        _base("INTERNALLENGTH = 4, ALIGNMENT = int4").partition("; ")[2],
        carried=[
            _base("INTERNALLENGTH = 4, ALIGNMENT = int4, PASSEDBYVALUE"),
            _base("INTERNALLENGTH = 4, ALIGNMENT = char"),
            _base('INTERNALLENGTH = 4, ALIGNMENT = int4, ELEMENT = "char"'),
        ],
    ),
    Group(
        "CREATE COLLATION c (LOCALE = 'C'); CREATE COLLATION i (PROVIDER = icu, LOCALE = 'de');",
        carried=[
            "ALTER COLLATION c RENAME TO d",
            "CREATE SCHEMA me_s; ALTER COLLATION c SET SCHEMA me_s",
            "COMMENT ON COLLATION c IS 'x'",
            "DROP COLLATION c",
            "DROP COLLATION c; CREATE COLLATION c (LC_COLLATE = 'C', LC_CTYPE = 'C.UTF-8')",
            "DROP COLLATION c; CREATE COLLATION c (LC_COLLATE = 'C.UTF-8', LC_CTYPE = 'C')",
            "DROP COLLATION i; CREATE COLLATION i (PROVIDER = icu, LOCALE = 'fr')",
            "DROP COLLATION i; CREATE COLLATION i (PROVIDER = icu, LOCALE = 'de', DETERMINISTIC = false)",
            "DROP COLLATION i; CREATE COLLATION i (PROVIDER = libc, LOCALE = 'C')",
        ],
        left_out=["ALTER COLLATION c OWNER TO gate_reader", "ALTER COLLATION i REFRESH VERSION"],
    ),
    Group(
        "CREATE COLLATION i (PROVIDER = icu, LOCALE = 'de');",
        carried=[
            "DROP COLLATION i; CREATE COLLATION i (PROVIDER = icu, LOCALE = 'de', RULES = '&V << w <<< W')",
        ],
        since=17,
    ),
    Group(
        "CREATE CONVERSION c FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;",
        carried=[
            "ALTER CONVERSION c RENAME TO d",
            "COMMENT ON CONVERSION c IS 'x'",
            "DROP CONVERSION c",
            "DROP CONVERSION c; CREATE DEFAULT CONVERSION c FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8",
            "DROP CONVERSION c; CREATE CONVERSION c FOR 'LATIN2' TO 'UTF8' FROM iso8859_to_utf8",
            "DROP CONVERSION c; CREATE CONVERSION c FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1",
        ],
        left_out=["ALTER CONVERSION c OWNER TO gate_reader"],
    ),
    Group(
        "CREATE TEXT SEARCH CONFIGURATION c (COPY = simple);"
        "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple, ACCEPT = false);"
        "CREATE TEXT SEARCH PARSER p (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, "
        "LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);"
        "CREATE TEXT SEARCH TEMPLATE l (INIT = dsimple_init, LEXIZE = dsimple_lexize);",
        carried=[
            "ALTER TEXT SEARCH CONFIGURATION c RENAME TO e",
            "CREATE SCHEMA me_s; ALTER TEXT SEARCH CONFIGURATION c SET SCHEMA me_s",
            "ALTER TEXT SEARCH CONFIGURATION c ALTER MAPPING FOR word WITH d",
            "ALTER TEXT SEARCH CONFIGURATION c ALTER MAPPING FOR word WITH d, simple",
            "ALTER TEXT SEARCH CONFIGURATION c DROP MAPPING FOR email",
            "ALTER TEXT SEARCH CONFIGURATION c ALTER MAPPING REPLACE simple WITH d",
            "COMMENT ON TEXT SEARCH CONFIGURATION c IS 'x'",
            "DROP TEXT SEARCH CONFIGURATION c",
            "DROP TEXT SEARCH CONFIGURATION c; CREATE TEXT SEARCH CONFIGURATION c (PARSER = p)",
            "ALTER TEXT SEARCH DICTIONARY d RENAME TO e",
            "ALTER TEXT SEARCH DICTIONARY d (ACCEPT = true)",
            "DROP TEXT SEARCH DICTIONARY d; CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = l, ACCEPT = false)",
            "COMMENT ON TEXT SEARCH DICTIONARY d IS 'x'",
            "DROP TEXT SEARCH DICTIONARY d",
            "ALTER TEXT SEARCH PARSER p RENAME TO e",
            "COMMENT ON TEXT SEARCH PARSER p IS 'x'",
            "DROP TEXT SEARCH PARSER p",
            (
                "DROP TEXT SEARCH PARSER p; CREATE TEXT SEARCH PARSER p (START = prsd_start, GETTOKEN = prsd_nexttoken, "
                "END = prsd_end, LEXTYPES = prsd_lextype)"
            ),
            "ALTER TEXT SEARCH TEMPLATE l RENAME TO e",
            "COMMENT ON TEXT SEARCH TEMPLATE l IS 'x'",
            "DROP TEXT SEARCH TEMPLATE l",
            "DROP TEXT SEARCH TEMPLATE l; CREATE TEXT SEARCH TEMPLATE l (LEXIZE = dsimple_lexize)",
            "DROP TEXT SEARCH TEMPLATE l; CREATE TEXT SEARCH TEMPLATE l (INIT = dsimple_init, LEXIZE = dsynonym_lexize)",
        ],
        left_out=[
            "ALTER TEXT SEARCH CONFIGURATION c OWNER TO gate_reader",
            "ALTER TEXT SEARCH DICTIONARY d OWNER TO gate_reader",
        ],
    ),
    Group(
        "CREATE TYPE e AS ENUM ();",
        carried=["DROP TYPE e; CREATE TYPE e"],
    ),
    Group(
        "CREATE TYPE b; CREATE FUNCTION b_in(cstring) RETURNS b LANGUAGE internal IMMUTABLE STRICT AS 'textin'; CREATE FUNCTION b_out(b) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout'; CREATE TYPE b (INPUT = b_in, OUTPUT = b_out); CREATE CAST (b AS text) WITHOUT FUNCTION",
        carried=["DROP CAST (b AS text); CREATE CAST (b AS text) WITH INOUT"],
    ),
    Group(
        "CREATE TYPE b; CREATE FUNCTION b_in(cstring) RETURNS b LANGUAGE internal IMMUTABLE STRICT AS 'textin'; CREATE FUNCTION b_out(b) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout'; CREATE TYPE b (INPUT = b_in, OUTPUT = b_out, INTERNALLENGTH = 8, ELEMENT = integer); ",
        carried=[
            "DROP TYPE b CASCADE; CREATE TYPE b; CREATE FUNCTION b_in(cstring) RETURNS b LANGUAGE internal IMMUTABLE STRICT AS 'textin'; CREATE FUNCTION b_out(b) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout'; CREATE TYPE b (INPUT = b_in, OUTPUT = b_out, INTERNALLENGTH = 8, ELEMENT = real)"
        ],
    ),
    Group(
        "CREATE TYPE n; CREATE FUNCTION canonical(n) RETURNS n LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical'; CREATE FUNCTION canonical2(n) RETURNS n LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical'; CREATE TYPE n AS RANGE (SUBTYPE = integer, CANONICAL = canonical)",
        carried=[
            "DROP TYPE n CASCADE; CREATE TYPE n; CREATE FUNCTION canonical(n) RETURNS n LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical'; CREATE FUNCTION canonical2(n) RETURNS n LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical'; CREATE TYPE n AS RANGE (SUBTYPE = integer, CANONICAL = canonical2)"
        ],
    ),
    Group(
        "CREATE FUNCTION f(integer, integer, cstring, internal, integer, boolean) RETURNS integer LANGUAGE c STRICT AS '$libdir/utf8_and_iso8859_1', 'iso8859_1_to_utf8';CREATE CONVERSION a FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8; CREATE CONVERSION b FOR 'LATIN2' TO 'UTF8' FROM iso8859_to_utf8; CREATE CONVERSION c FOR 'UTF8' TO 'LATIN2' FROM utf8_to_iso8859;",
        carried=[
            "DROP CONVERSION a; CREATE CONVERSION a FOR 'LATIN1' TO 'UTF8' FROM f",
            "DROP CONVERSION b; CREATE CONVERSION b FOR 'LATIN3' TO 'UTF8' FROM iso8859_to_utf8",
            "DROP CONVERSION c; CREATE CONVERSION c FOR 'UTF8' TO 'LATIN3' FROM utf8_to_iso8859",
        ],
    ),
    Group(
        "CREATE FUNCTION start(internal, integer) RETURNS internal LANGUAGE internal STRICT AS 'prsd_start'; CREATE FUNCTION token(internal, internal, internal) RETURNS internal LANGUAGE internal STRICT AS 'prsd_nexttoken'; CREATE FUNCTION ends(internal) RETURNS void LANGUAGE internal STRICT AS 'prsd_end'; CREATE FUNCTION types(internal) RETURNS internal LANGUAGE internal STRICT AS 'prsd_lextype';CREATE TEXT SEARCH PARSER p (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype)",
        carried=[
            "DROP TEXT SEARCH PARSER p; CREATE TEXT SEARCH PARSER p (START = start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype)",
            "DROP TEXT SEARCH PARSER p; CREATE TEXT SEARCH PARSER p (START = prsd_start, GETTOKEN = token, END = prsd_end, LEXTYPES = prsd_lextype)",
            "DROP TEXT SEARCH PARSER p; CREATE TEXT SEARCH PARSER p (START = prsd_start, GETTOKEN = prsd_nexttoken, END = ends, LEXTYPES = prsd_lextype)",
            "DROP TEXT SEARCH PARSER p; CREATE TEXT SEARCH PARSER p (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = types)",
        ],
    ),
    Group(
        "CREATE TEXT SEARCH PARSER p (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype); CREATE TEXT SEARCH PARSER q (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype); CREATE TEXT SEARCH CONFIGURATION c (PARSER = p)",
        carried=["DROP TEXT SEARCH CONFIGURATION c; CREATE TEXT SEARCH CONFIGURATION c (PARSER = q)"],
    ),
    Group(
        "CREATE COLLATION i (PROVIDER = icu, LOCALE = 'C.UTF-8');",
        carried=["DROP COLLATION i; CREATE COLLATION i (PROVIDER = builtin, LOCALE = 'C.UTF-8')"],
        since=17,
    ),
]
