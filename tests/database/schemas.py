"""Random small schemas and random changes of them, as SQL."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = ["a", "b", '"C d"', '"select"', '"ü"']
TYPES = {
    "integer": ["0", "-1", "7"],
    "bigint": ["9223372036854775807"],
    "numeric(9,2)": ["1.50", "-0.1"],
    "text": ["'x'", r"E'a\\b'", "''"],
    "varchar(9)": ["'x'", "'it''s'"],
    "boolean": ["true"],
    "timestamptz": ["'2001-02-03 04:05:06.7+08'"],
    "interval": ["'-1 day 2 hours'"],
    "double precision": ["0.1", "'NaN'"],
    "bytea": [r"'\x00ff'"],
    "text[]": ["'{NULL,a}'"],
    "jsonb": ["'{\"a\": [1, null]}'"],
}

names = st.sampled_from(NAMES)
tables = st.sampled_from(["t", '"T u"'])
types = st.sampled_from(sorted(TYPES))
typed_values = types.flatmap(lambda kind: st.tuples(st.just(kind), st.sampled_from(TYPES[kind])))


@st.composite
def conditions(draw: st.DrawFn) -> str:
    """A condition on a column of any type, which PostgreSQL prints in more than one way."""
    name = draw(names)
    simple = st.sampled_from(
        [
            f"{name} IS NOT NULL",
            f"{name}::text IN ('x', 'y')",
            f"{name}::varchar(3) IN ('x', 'y')",
            f"{name}::text BETWEEN 'a' AND 'b'",
            f"{name}::text LIKE 'x%'",
            rf"{name}::text <> E'\\'",
            f"CASE WHEN {name} IS NULL THEN 1 ELSE -1 END > 0",
            f"COALESCE({name}::text, 'x') = 'x'",
        ]
    )
    parts = draw(st.lists(simple, min_size=1, max_size=3))
    return draw(st.sampled_from([" AND ", " OR "])).join(parts)


@st.composite
def columns(draw: st.DrawFn) -> str:
    """A column's type and options."""
    kind, value = draw(typed_values)
    text = kind.startswith(("text", "varchar"))
    return " ".join(
        [
            kind,
            draw(st.sampled_from(["", 'COLLATE "C"'])) if text else "",
            draw(st.sampled_from(["", f"DEFAULT {value}"])),
            draw(st.sampled_from(["", "", "NOT NULL"])),
        ]
    )


@st.composite
def schemas(draw: st.DrawFn) -> str:
    """Two tables with indexes, a view and rows; what does not fit together is left out when it is run."""
    statements: list[str] = []
    for table in ("t", '"T u"'):
        listed = draw(st.lists(names, min_size=1, max_size=4, unique=True))
        statements.append(f"CREATE TABLE {table} ({', '.join(f'{name} {draw(columns())}' for name in listed)})")
        statements += [f"INSERT INTO {table} DEFAULT VALUES"] * draw(st.integers(0, 2))
    statements += draw(st.lists(changes(), max_size=5))
    return ";\n".join(statements) + ";\n"


@st.composite
def changes(draw: st.DrawFn) -> str:
    """A change, which pg_dump may carry or not."""
    table, name, other = draw(tables), draw(names), draw(names)
    kind, value = draw(typed_values)
    condition = draw(conditions())
    number = draw(st.integers(10, 99))
    return draw(
        st.sampled_from(
            [
                f"ALTER TABLE {table} ADD {name} {draw(columns())}",
                f"ALTER TABLE {table} DROP {name} CASCADE",
                f"ALTER TABLE {table} RENAME {name} TO {other}",
                f"ALTER TABLE {table} ALTER {name} TYPE {kind} USING {value}",
                f"ALTER TABLE {table} ALTER {name} SET DEFAULT {value}",
                f"ALTER TABLE {table} ALTER {name} DROP DEFAULT",
                f"ALTER TABLE {table} ALTER {name} DROP NOT NULL",
                f"ALTER TABLE {table} ALTER {name} SET STATISTICS {number}",
                f"ALTER TABLE {table} ALTER {name} SET STORAGE EXTERNAL",
                f"ALTER TABLE {table} ADD CHECK ({condition}) NOT VALID",
                f"ALTER TABLE {table} SET (fillfactor = {number})",
                f"ALTER TABLE {table} OWNER TO gate_reader",
                f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
                f"CREATE POLICY p{number} ON {table} USING ({condition})",
                f"CREATE INDEX ON {table} ({name}, {other}) WHERE {condition}",
                f"CREATE INDEX ON {table} ((CASE WHEN {condition} THEN 1 ELSE 2 END))",
                f"CREATE UNIQUE INDEX ON {table} ({name})",
                f"CREATE OR REPLACE VIEW v AS SELECT {name}, 'x' AS x FROM {table} WHERE {condition}",
                f"CREATE OR REPLACE VIEW w AS SELECT EXISTS (SELECT 'x', {name} FROM {table} WHERE {condition}) AS e",
                "DROP VIEW v CASCADE",
                f"CREATE MATERIALIZED VIEW m AS SELECT {name} FROM {table} WHERE {condition}",
                (
                    f"CREATE FUNCTION f{number}() RETURNS bigint "
                    f"BEGIN ATOMIC SELECT count(*) FROM {table} WHERE {condition}; END"
                ),
                f"CREATE RULE r AS ON UPDATE TO {table} WHERE old.{name} IS NULL DO NOTHING",
                f"CREATE STATISTICS ON {name}, {other} FROM {table}",
                f"CREATE TABLE child{number} () INHERITS ({table})",
                f"COMMENT ON COLUMN {table}.{name} IS {value}",
                f"COMMENT ON TABLE {table} IS NULL",
                f"GRANT SELECT ({name}) ON {table} TO gate_reader",
                f"GRANT ALL ON {table} TO CURRENT_USER",
                f"REVOKE ALL ON {table} FROM gate_reader",
                f"INSERT INTO {table} DEFAULT VALUES",
                f"INSERT INTO {table} ({name}) VALUES ({value})",
                f"UPDATE {table} SET {name} = {value}",
                f"UPDATE {table} SET {name} = {name}",
                f"DELETE FROM {table} WHERE {condition}",
                f"ANALYZE {table}",
            ]
        )
    )
