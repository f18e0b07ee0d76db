"""Schemas, foreign data, publications, subscriptions, default privileges."""

from tests.database.changes.group import Group

GROUPS = [
    Group(
        "CREATE SCHEMA me_s; CREATE TABLE me_s.t (a integer);",
        carried=[
            "ALTER SCHEMA me_s RENAME TO me_r",
            "COMMENT ON SCHEMA me_s IS 'x'",
            "GRANT USAGE ON SCHEMA me_s TO gate_reader",
            "GRANT CREATE ON SCHEMA me_s TO gate_reader WITH GRANT OPTION",
            "DROP SCHEMA me_s CASCADE",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA me_s GRANT SELECT ON TABLES TO gate_reader",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA me_s GRANT SELECT ON SEQUENCES TO gate_reader WITH GRANT OPTION",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA me_s GRANT EXECUTE ON FUNCTIONS TO gate_reader",
            "ALTER DEFAULT PRIVILEGES FOR ROLE gate_writer IN SCHEMA me_s GRANT USAGE ON TYPES TO gate_reader",
        ],
        left_out=["ALTER SCHEMA me_s OWNER TO gate_reader"],
    ),
    Group(
        "CREATE FOREIGN DATA WRAPPER me OPTIONS (a '1'); CREATE SERVER me_1 TYPE 't' VERSION 'v' "
        "FOREIGN DATA WRAPPER me OPTIONS (a '1');"
        "CREATE FUNCTION check_options(text[], oid) RETURNS boolean LANGUAGE sql AS 'SELECT true';"
        "CREATE USER MAPPING FOR gate_reader SERVER me_1 OPTIONS (a '1');"
        "CREATE FOREIGN TABLE t (a integer OPTIONS (a '1'), b text) SERVER me_1 OPTIONS (a '1');",
        carried=[
            "ALTER FOREIGN DATA WRAPPER me OPTIONS (SET a '2')",
            "ALTER FOREIGN DATA WRAPPER me OPTIONS (DROP a)",
            "ALTER FOREIGN DATA WRAPPER me RENAME TO me_2",
            "ALTER FOREIGN DATA WRAPPER me VALIDATOR check_options",
            "CREATE FOREIGN DATA WRAPPER me_2",
            "COMMENT ON FOREIGN DATA WRAPPER me IS 'x'",
            "GRANT USAGE ON FOREIGN DATA WRAPPER me TO gate_reader",
            "ALTER SERVER me_1 VERSION 'w'",
            "ALTER SERVER me_1 OPTIONS (ADD b '2')",
            "ALTER SERVER me_1 RENAME TO me_2",
            "CREATE SERVER me_2 TYPE 't' FOREIGN DATA WRAPPER me",
            "DROP SERVER me_1 CASCADE",
            "DROP SERVER me_1 CASCADE; CREATE SERVER me_1 TYPE 'u' VERSION 'v' FOREIGN DATA WRAPPER me",
            "COMMENT ON SERVER me_1 IS 'x'",
            "GRANT USAGE ON FOREIGN SERVER me_1 TO gate_reader",
            "ALTER USER MAPPING FOR gate_reader SERVER me_1 OPTIONS (SET a '2')",
            "CREATE USER MAPPING FOR PUBLIC SERVER me_1",
            "DROP USER MAPPING FOR gate_reader SERVER me_1",
            "ALTER FOREIGN TABLE t OPTIONS (SET a '2')",
            "ALTER FOREIGN TABLE t ALTER a OPTIONS (SET a '2')",
            "ALTER FOREIGN TABLE t ALTER b OPTIONS (ADD a '2')",
            "ALTER FOREIGN TABLE t ADD c integer",
            "ALTER FOREIGN TABLE t ALTER b TYPE varchar",
            "ALTER FOREIGN TABLE t ALTER b SET NOT NULL",
            "ALTER FOREIGN TABLE t ALTER b SET DEFAULT 'x'",
            "ALTER FOREIGN TABLE t ALTER b SET STATISTICS 9",
            "ALTER FOREIGN TABLE t ADD CHECK (a > 0)",
            "ALTER FOREIGN TABLE t RENAME TO u",
            "ALTER FOREIGN TABLE t RENAME a TO z",
            "CREATE TABLE p (a integer); ALTER FOREIGN TABLE t INHERIT p",
            "COMMENT ON FOREIGN TABLE t IS 'x'",
            "GRANT SELECT ON t TO gate_reader",
            "DROP FOREIGN TABLE t",
            (
                "DROP FOREIGN TABLE t; CREATE SERVER me_2 FOREIGN DATA WRAPPER me; "
                "CREATE FOREIGN TABLE t (a integer OPTIONS (a '1'), b text) SERVER me_2 OPTIONS (a '1')"
            ),
            "DROP SERVER me_1 CASCADE; CREATE FOREIGN DATA WRAPPER me_2; CREATE SERVER me_1 FOREIGN DATA WRAPPER me_2",
        ],
        left_out=[
            "ALTER FOREIGN DATA WRAPPER me OWNER TO gate_admin",
            "ALTER SERVER me_1 OWNER TO gate_admin",
            "ALTER FOREIGN TABLE t OWNER TO gate_admin",
        ],
    ),
    Group(
        "CREATE TABLE t (a integer PRIMARY KEY, b text); CREATE TABLE u (a integer PRIMARY KEY);"
        "CREATE TABLE pt (a integer PRIMARY KEY) PARTITION BY RANGE (a); CREATE PUBLICATION me FOR TABLE t;",
        carried=[
            "ALTER PUBLICATION me RENAME TO me_2",
            "ALTER PUBLICATION me ADD TABLE u",
            "ALTER PUBLICATION me SET TABLE t (a)",
            "ALTER PUBLICATION me SET TABLE t WHERE (a > 1)",
            "ALTER PUBLICATION me ADD TABLES IN SCHEMA me",
            "ALTER PUBLICATION me DROP TABLE t",
            *(
                f"ALTER PUBLICATION me SET (publish = '{publish}')"
                for publish in (
                    "update, delete, truncate",
                    "insert, delete, truncate",
                    "insert, update, truncate",
                    "insert, update, delete",
                )
            ),
            "ALTER PUBLICATION me SET (publish_via_partition_root = true)",
            "COMMENT ON PUBLICATION me IS 'x'",
            "DROP PUBLICATION me",
        ],
        left_out=["ALTER PUBLICATION me OWNER TO gate_admin"],
    ),
    Group(
        "CREATE TABLE t (a integer PRIMARY KEY);",
        carried=["CREATE PUBLICATION me FOR ALL TABLES", "CREATE PUBLICATION me"],
        alone=True,
    ),
    Group(
        "CREATE SUBSCRIPTION me CONNECTION 'dbname=postgres' PUBLICATION p WITH (connect = false);",
        carried=[
            "ALTER SUBSCRIPTION me CONNECTION 'dbname=postgres user=x'",
            "ALTER SUBSCRIPTION me SET PUBLICATION p, q WITH (refresh = false)",
            "ALTER SUBSCRIPTION me SET (slot_name = 'another')",
            "ALTER SUBSCRIPTION me SET (slot_name = NONE)",
            "ALTER SUBSCRIPTION me SET (binary = true)",
            "ALTER SUBSCRIPTION me SET (streaming = true)",
            "ALTER SUBSCRIPTION me SET (disable_on_error = true)",
            "ALTER SUBSCRIPTION me SET (synchronous_commit = remote_apply)",
            "ALTER SUBSCRIPTION me RENAME TO me_2",
            "COMMENT ON SUBSCRIPTION me IS 'x'",
            (
                "ALTER SUBSCRIPTION me SET (slot_name = NONE); DROP SUBSCRIPTION me; "
                "CREATE SUBSCRIPTION me CONNECTION 'dbname=postgres' PUBLICATION p WITH (connect = false, two_phase = true)"
            ),
            "ALTER SUBSCRIPTION me SET (slot_name = NONE); DROP SUBSCRIPTION me",
        ],
        left_out=["ALTER SUBSCRIPTION me OWNER TO gate_admin"],
    ),
    Group(
        "CREATE SUBSCRIPTION me CONNECTION 'dbname=postgres' PUBLICATION p WITH (connect = false);",
        carried=[
            "ALTER SUBSCRIPTION me SET (streaming = parallel)",
            "ALTER SUBSCRIPTION me SET (origin = none)",
            "ALTER SUBSCRIPTION me SET (password_required = false)",
            "ALTER SUBSCRIPTION me SET (run_as_owner = true)",
            (
                "ALTER SUBSCRIPTION me SET (slot_name = NONE); DROP SUBSCRIPTION me; "
                "CREATE SUBSCRIPTION me CONNECTION 'dbname=postgres' PUBLICATION p WITH (connect = false, failover = true)"
            ),
        ],
        since=17,
    ),
    Group(
        "CREATE FOREIGN DATA WRAPPER me; CREATE FOREIGN DATA WRAPPER me_2; CREATE SERVER me_1 TYPE 't' FOREIGN DATA WRAPPER me; CREATE SERVER me_3 FOREIGN DATA WRAPPER me; CREATE FOREIGN TABLE t (a integer) SERVER me_3; CREATE FUNCTION handler() RETURNS fdw_handler LANGUAGE c AS '$libdir/file_fdw', 'file_fdw_handler';",
        carried=[
            "DROP SERVER me_1; CREATE SERVER me_1 TYPE 'u' FOREIGN DATA WRAPPER me",
            "DROP SERVER me_1; CREATE SERVER me_1 TYPE 't' FOREIGN DATA WRAPPER me_2",
            "DROP FOREIGN TABLE t; CREATE FOREIGN TABLE t (a integer) SERVER me_1",
            "ALTER FOREIGN DATA WRAPPER me HANDLER handler",
        ],
    ),
]
