"""What concerns a whole database, or has a name that other changes would share."""

from tests.database.changes.group import Group

_LABELLED = "SET allow_system_table_mods = on; INSERT INTO {} VALUES ({}, 'p', 'secret')"

GROUPS = [
    Group(
        "",
        carried=[
            "GRANT CREATE ON SCHEMA public TO gate_reader",
            "REVOKE USAGE ON SCHEMA public FROM PUBLIC",
            "COMMENT ON SCHEMA public IS 'x'",
            "COMMENT ON SCHEMA public IS NULL",
            "ALTER SCHEMA public RENAME TO elsewhere",
            "GRANT EXECUTE ON FUNCTION pg_ls_waldir() TO gate_reader",
            "REVOKE EXECUTE ON FUNCTION pg_sleep(double precision) FROM PUBLIC",
            "REVOKE SELECT ON pg_settings FROM PUBLIC",
            "GRANT SELECT (rolpassword) ON pg_authid TO gate_reader",
            "REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC",
            "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO gate_reader",
            "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
            "ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO gate_reader",
            "CREATE EXTENSION intarray",
            (
                "CREATE EXTENSION hstore; CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'; "
                "ALTER FUNCTION f() DEPENDS ON EXTENSION hstore"
            ),
        ],
        left_out=[
            "DROP SCHEMA public",
            "DROP EXTENSION plpgsql",
            "COMMENT ON EXTENSION plpgsql IS 'x'",
            "ALTER SCHEMA public OWNER TO gate_reader",
            "COMMENT ON DATABASE me IS 'x'",
            "GRANT CREATE ON DATABASE me TO gate_reader",
            "ALTER DATABASE me CONNECTION LIMIT 7",
            "ALTER DATABASE me OWNER TO gate_reader",
        ],
        alone=True,
    ),
    Group(
        "CREATE EXTENSION hstore; CREATE TABLE t (a integer); CREATE INDEX i ON t (a);"
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();"
        "CREATE MATERIALIZED VIEW m AS SELECT a FROM t;",
        carried=[
            "ALTER FUNCTION f() DEPENDS ON EXTENSION hstore",
            "ALTER INDEX i DEPENDS ON EXTENSION hstore",
            "ALTER TRIGGER r ON t DEPENDS ON EXTENSION hstore",
            "ALTER MATERIALIZED VIEW m DEPENDS ON EXTENSION hstore",
            "DROP EXTENSION hstore",
            "COMMENT ON EXTENSION hstore IS 'x'",
            "CREATE SCHEMA s; ALTER EXTENSION hstore SET SCHEMA s",
            "REVOKE EXECUTE ON FUNCTION hstore(text, text) FROM PUBLIC",
        ],
        lost=["COMMENT ON EXTENSION hstore IS NULL"],
        alone=True,
    ),
    Group(
        "CREATE EXTENSION hstore",
        lost=["DROP EXTENSION hstore; CREATE EXTENSION hstore VERSION '1.4'"],
        alone=True,
    ),
    Group(
        "SELECT lo_from_bytea(11, '\\x00ff'); SELECT lo_from_bytea(424201, '\\x00ff')",
        carried=[
            "COMMENT ON LARGE OBJECT 11 IS 'x'",
            "COMMENT ON LARGE OBJECT 424201 IS 'x'",
            "GRANT SELECT ON LARGE OBJECT 11 TO gate_reader",
            "SELECT lo_put(11, 0, '\\x01')",
            "SELECT lo_put(11, 2, '\\x01')",
            "SELECT lo_create(12)",
            "SELECT lo_unlink(424201)",
        ],
        alone=True,
    ),
    Group(
        "CREATE TABLE t (a integer); CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1';"
        "CREATE SCHEMA s; SELECT lo_create(11); SELECT lo_create(424201)",
        carried=[
            _LABELLED.format("pg_seclabel", "'t'::regclass, 'pg_class'::regclass, 0"),
            _LABELLED.format("pg_seclabel", "'t'::regclass, 'pg_class'::regclass, 1"),
            _LABELLED.format("pg_seclabel", "'f()'::regprocedure, 'pg_proc'::regclass, 0"),
            _LABELLED.format("pg_seclabel", "'s'::regnamespace, 'pg_namespace'::regclass, 0"),
            _LABELLED.format("pg_seclabel", "424201, 'pg_largeobject'::regclass, 0"),
            _LABELLED.format("pg_seclabel", "11, 'pg_largeobject'::regclass, 0"),
        ],
        alone=True,
        restores=False,
    ),
]
