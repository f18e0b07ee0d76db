"""Functions, aggregates, operators, casts, triggers, rules, policies, views, languages."""

from tests.database.changes.group import Group

_OPERATORS = """
CREATE TYPE y AS (a integer);
CREATE FUNCTION lt(y, y) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT ($1).a < ($2).a';
CREATE FUNCTION gt(y, y) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT ($1).a > ($2).a';
CREATE FUNCTION cmp(y, y) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT ($1).a - ($2).a';
CREATE FUNCTION far(y, y) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT ($1).a - ($2).a';
CREATE FUNCTION sel(internal, oid, internal, integer) RETURNS double precision LANGUAGE internal AS 'eqsel';
CREATE FUNCTION joinsel(internal, oid, internal, smallint, internal) RETURNS double precision
    LANGUAGE internal AS 'eqjoinsel';
CREATE OPERATOR < (FUNCTION = lt, LEFTARG = y, RIGHTARG = y);
CREATE OPERATOR > (FUNCTION = gt, LEFTARG = y, RIGHTARG = y);
CREATE OPERATOR <-> (FUNCTION = far, LEFTARG = y, RIGHTARG = y);
CREATE OPERATOR FAMILY f USING btree;
CREATE OPERATOR FAMILY g USING gist;
CREATE OPERATOR FAMILY empty USING btree;
"""

_LANGUAGE = """
CREATE FUNCTION handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE FUNCTION handler2() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE FUNCTION inline(internal) RETURNS void LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_inline_handler';
CREATE FUNCTION validator(oid) RETURNS void LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_validator';
"""

GROUPS = [
    Group(
        "CREATE FUNCTION f(a integer, b text DEFAULT 'x') RETURNS integer LANGUAGE sql AS 'SELECT $1';"
        "CREATE FUNCTION helper(internal) RETURNS internal LANGUAGE internal AS 'generate_series_int4_support';"
        "CREATE PROCEDURE p(INOUT a integer) LANGUAGE plpgsql AS 'BEGIN END';",
        carried=[
            "ALTER FUNCTION f STABLE",
            "ALTER FUNCTION f IMMUTABLE",
            "ALTER FUNCTION f STRICT",
            "ALTER FUNCTION f SECURITY DEFINER",
            "ALTER FUNCTION f LEAKPROOF",
            "ALTER FUNCTION f COST 7",
            "ALTER FUNCTION f PARALLEL SAFE",
            "ALTER FUNCTION f PARALLEL RESTRICTED",
            "ALTER FUNCTION f SET work_mem = '1MB'",
            "ALTER FUNCTION f SET search_path = me, pg_catalog",
            "ALTER FUNCTION f RENAME TO g",
            "CREATE SCHEMA me_s; ALTER FUNCTION f SET SCHEMA me_s",
            "CREATE OR REPLACE FUNCTION f(a integer, b text DEFAULT 'x') RETURNS integer LANGUAGE sql AS 'SELECT  $1'",
            "CREATE OR REPLACE FUNCTION f(a integer, b text DEFAULT 'y') RETURNS integer LANGUAGE sql AS 'SELECT $1'",
            "CREATE OR REPLACE FUNCTION f(a integer, b text DEFAULT 'x') RETURNS integer RETURN a",
            (
                "DROP FUNCTION f; CREATE FUNCTION f(z integer, b text DEFAULT 'x') RETURNS integer "
                "LANGUAGE sql AS 'SELECT $1'"
            ),
            (
                "DROP FUNCTION f; CREATE FUNCTION f(a integer, b text DEFAULT 'x') RETURNS SETOF integer "
                "LANGUAGE sql AS 'SELECT $1'"
            ),
            (
                "DROP FUNCTION f; CREATE FUNCTION f(a integer, b text DEFAULT 'x', OUT c integer) "
                "LANGUAGE sql AS 'SELECT $1'"
            ),
            "CREATE FUNCTION v(VARIADIC a integer[]) RETURNS integer LANGUAGE sql AS 'SELECT 1'",
            "CREATE FUNCTION w() RETURNS SETOF integer ROWS 7 LANGUAGE sql AS 'SELECT 1'",
            "CREATE FUNCTION w() RETURNS TABLE (x integer) LANGUAGE sql AS 'SELECT 1'",
            "CREATE FUNCTION w(integer, integer) RETURNS bigint WINDOW LANGUAGE internal AS 'window_row_number'",
            "ALTER FUNCTION f SUPPORT helper",
            "ALTER PROCEDURE p(integer) SECURITY DEFINER",
            "CREATE OR REPLACE PROCEDURE p(INOUT a integer) LANGUAGE plpgsql AS 'BEGIN NULL; END'",
            "ALTER PROCEDURE p RENAME TO q",
            "COMMENT ON FUNCTION f IS 'x'",
            "COMMENT ON PROCEDURE p IS 'x'",
            "GRANT EXECUTE ON FUNCTION f TO gate_reader",
            "REVOKE EXECUTE ON FUNCTION f FROM PUBLIC",
            "REVOKE EXECUTE ON PROCEDURE p FROM PUBLIC",
            "DROP FUNCTION f",
            "DROP PROCEDURE p",
        ],
        left_out=["ALTER FUNCTION f OWNER TO gate_reader", "ALTER FUNCTION f COST 100", "ALTER FUNCTION f VOLATILE"],
    ),
    Group(
        "CREATE AGGREGATE a(integer) (SFUNC = int4larger, STYPE = integer);"
        "CREATE FUNCTION final(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1';"
        "CREATE FUNCTION final2(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1';",
        carried=[
            f"CREATE OR REPLACE AGGREGATE a(integer) ({options})"
            for options in (
                "SFUNC = int4smaller, STYPE = integer",
                "SFUNC = int4larger, STYPE = integer, SSPACE = 100",
                "SFUNC = int4larger, STYPE = integer, INITCOND = '5'",
                "SFUNC = int4larger, STYPE = integer, FINALFUNC = final",
                "SFUNC = int4larger, STYPE = integer, FINALFUNC = final2, FINALFUNC_EXTRA",
                "SFUNC = int4larger, STYPE = integer, FINALFUNC = final, FINALFUNC_MODIFY = READ_WRITE",
                "SFUNC = int4larger, STYPE = integer, COMBINEFUNC = int4larger",
                "SFUNC = int4larger, STYPE = integer, SORTOP = >",
                "SFUNC = int4larger, STYPE = integer, PARALLEL = SAFE",
                "SFUNC = int4larger, STYPE = integer, MSFUNC = int4pl, MINVFUNC = int4mi, MSTYPE = integer",
            )
        ]
        + [
            "DROP AGGREGATE a(integer); CREATE AGGREGATE a(ORDER BY integer) (SFUNC = int4larger, STYPE = integer)",
            "DROP AGGREGATE a(integer); CREATE AGGREGATE a(x integer) (SFUNC = int4larger, STYPE = integer)",
            "ALTER AGGREGATE a(integer) RENAME TO b",
            "COMMENT ON AGGREGATE a(integer) IS 'x'",
            "REVOKE EXECUTE ON FUNCTION a(integer) FROM PUBLIC",
            "DROP AGGREGATE a(integer)",
        ],
        left_out=["ALTER AGGREGATE a(integer) OWNER TO gate_reader"],
    ),
    Group(
        "CREATE FUNCTION plus(integer, integer) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'int4pl';"
        "CREATE FUNCTION minus(integer, integer) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'int4mi';"
        "CREATE FUNCTION final(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1';"
        "CREATE FUNCTION final2(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1';"
        "CREATE AGGREGATE a(integer) (SFUNC = int4pl, STYPE = integer, MSFUNC = int4pl, MINVFUNC = int4mi, "
        "MSTYPE = integer)",
        carried=[
            f"CREATE OR REPLACE AGGREGATE a(integer) (SFUNC = int4pl, STYPE = integer, {options})"
            for options in (
                "MSFUNC = plus, MINVFUNC = int4mi, MSTYPE = integer",
                "MSFUNC = int4pl, MINVFUNC = minus, MSTYPE = integer",
                "MSFUNC = int4pl, MINVFUNC = int4mi, MSTYPE = integer, MSSPACE = 9",
                "MSFUNC = int4pl, MINVFUNC = int4mi, MSTYPE = integer, MINITCOND = '0'",
                "MSFUNC = int4pl, MINVFUNC = int4mi, MSTYPE = integer, MFINALFUNC = final",
                "MSFUNC = int4pl, MINVFUNC = int4mi, MSTYPE = integer, MFINALFUNC = final2, MFINALFUNC_EXTRA",
                (
                    "MSFUNC = int4pl, MINVFUNC = int4mi, MSTYPE = integer, MFINALFUNC = final, "
                    "MFINALFUNC_MODIFY = SHAREABLE"
                ),
            )
        ],
    ),
    Group(
        "CREATE AGGREGATE a(numeric) (SFUNC = numeric_avg_accum, STYPE = internal, FINALFUNC = numeric_avg, "
        "COMBINEFUNC = numeric_avg_combine, SERIALFUNC = numeric_avg_serialize, "
        "DESERIALFUNC = numeric_avg_deserialize)",
        carried=[
            (
                "CREATE OR REPLACE AGGREGATE a(numeric) (SFUNC = numeric_avg_accum, STYPE = internal, "
                "FINALFUNC = numeric_avg, COMBINEFUNC = numeric_avg_combine)"
            ),
            (
                "CREATE OR REPLACE AGGREGATE a(numeric) (SFUNC = numeric_avg_accum, STYPE = internal, "
                "FINALFUNC = numeric_sum, COMBINEFUNC = numeric_avg_combine, SERIALFUNC = numeric_avg_serialize, "
                "DESERIALFUNC = numeric_avg_deserialize)"
            ),
        ],
    ),
    Group(
        _OPERATORS,
        carried=[
            "ALTER OPERATOR < (y, y) SET (RESTRICT = scalarltsel)",
            "ALTER OPERATOR < (y, y) SET (RESTRICT = sel)",
            "ALTER OPERATOR < (y, y) SET (JOIN = scalarltjoinsel)",
            "ALTER OPERATOR < (y, y) SET (JOIN = joinsel)",
            "CREATE SCHEMA me_s; ALTER OPERATOR < (y, y) SET SCHEMA me_s",
            "DROP OPERATOR < (y, y); CREATE OPERATOR < (FUNCTION = gt, LEFTARG = y, RIGHTARG = y)",
            "DROP OPERATOR < (y, y); CREATE OPERATOR < (FUNCTION = lt, LEFTARG = y, RIGHTARG = y, COMMUTATOR = >)",
            "DROP OPERATOR < (y, y); CREATE OPERATOR < (FUNCTION = lt, LEFTARG = y, RIGHTARG = y, NEGATOR = >)",
            "DROP OPERATOR < (y, y); CREATE OPERATOR < (FUNCTION = lt, LEFTARG = y, RIGHTARG = y, HASHES)",
            "DROP OPERATOR < (y, y); CREATE OPERATOR < (FUNCTION = lt, LEFTARG = y, RIGHTARG = y, MERGES)",
            "COMMENT ON OPERATOR < (y, y) IS 'x'",
            "DROP OPERATOR < (y, y)",
            "ALTER OPERATOR FAMILY f USING btree RENAME TO h",
            "ALTER OPERATOR FAMILY f USING btree ADD OPERATOR 1 < (y, y)",
            "ALTER OPERATOR FAMILY f USING btree ADD FUNCTION 1 (y, y) cmp(y, y)",
            "ALTER OPERATOR FAMILY g USING gist ADD OPERATOR 15 <-> (y, y) FOR ORDER BY integer_ops",
            "COMMENT ON OPERATOR FAMILY f USING btree IS 'x'",
            "DROP OPERATOR FAMILY f USING btree",
            "CREATE OPERATOR CLASS c FOR TYPE y USING btree FAMILY f AS OPERATOR 1 <, OPERATOR 5 >, FUNCTION 1 cmp(y, y)",
        ],
        left_out=[
            "ALTER OPERATOR < (y, y) OWNER TO gate_reader",
            "ALTER OPERATOR FAMILY f USING btree OWNER TO gate_reader",
        ],
    ),
    Group(
        _OPERATORS + "CREATE OPERATOR CLASS c FOR TYPE y USING btree FAMILY f AS OPERATOR 1 <, OPERATOR 5 >, "
        "FUNCTION 1 cmp(y, y); ALTER OPERATOR FAMILY g USING gist ADD OPERATOR 15 <-> (y, y) FOR ORDER BY integer_ops;",
        carried=[
            "ALTER OPERATOR CLASS c USING btree RENAME TO d",
            "CREATE SCHEMA me_s; ALTER OPERATOR CLASS c USING btree SET SCHEMA me_s",
            "COMMENT ON OPERATOR CLASS c USING btree IS 'x'",
            "DROP OPERATOR CLASS c USING btree",
            (
                "DROP OPERATOR CLASS c USING btree; CREATE OPERATOR CLASS c DEFAULT FOR TYPE y USING btree FAMILY f "
                "AS OPERATOR 1 <, OPERATOR 5 >, FUNCTION 1 cmp(y, y)"
            ),
            (
                "DROP OPERATOR CLASS c USING btree; CREATE OPERATOR CLASS c FOR TYPE y USING btree FAMILY empty "
                "AS OPERATOR 1 <, OPERATOR 5 >, FUNCTION 1 cmp(y, y)"
            ),
            (
                "DROP OPERATOR CLASS c USING btree; CREATE OPERATOR CLASS c FOR TYPE y USING btree FAMILY f "
                "AS OPERATOR 1 <, FUNCTION 1 cmp(y, y)"
            ),
            "ALTER OPERATOR FAMILY g USING gist DROP OPERATOR 15 (y, y)",
        ],
        left_out=["ALTER OPERATOR CLASS c USING btree OWNER TO gate_reader"],
    ),
    Group(
        "CREATE TYPE y AS (a integer); CREATE TYPE e AS ENUM ('1');"
        "CREATE FUNCTION text_of(y) RETURNS text LANGUAGE sql AS 'SELECT ''''';"
        "CREATE FUNCTION other_text_of(y) RETURNS text LANGUAGE sql AS 'SELECT ''''';"
        "CREATE CAST (y AS text) WITH FUNCTION text_of(y);",
        carried=[
            "DROP CAST (y AS text)",
            "DROP CAST (y AS text); CREATE CAST (y AS text) WITH FUNCTION text_of(y) AS ASSIGNMENT",
            "DROP CAST (y AS text); CREATE CAST (y AS text) WITH FUNCTION text_of(y) AS IMPLICIT",
            "DROP CAST (y AS text); CREATE CAST (y AS text) WITH FUNCTION other_text_of(y)",
            "DROP CAST (y AS text); CREATE CAST (y AS text) WITH INOUT",
            "COMMENT ON CAST (y AS text) IS 'x'",
        ],
    ),
    Group(
        "CREATE TYPE y AS (a integer); CREATE FUNCTION x(internal) RETURNS internal LANGUAGE internal IMMUTABLE AS 'hashtext';"
        "CREATE FUNCTION z(internal) RETURNS internal LANGUAGE internal IMMUTABLE AS 'hashtext';"
        "CREATE FUNCTION i(internal) RETURNS y LANGUAGE internal IMMUTABLE AS 'hashtext';"
        "CREATE TRANSFORM FOR y LANGUAGE plpgsql (FROM SQL WITH FUNCTION x(internal), TO SQL WITH FUNCTION i(internal));",
        carried=[
            "DROP TRANSFORM FOR y LANGUAGE plpgsql",
            (
                "CREATE OR REPLACE TRANSFORM FOR y LANGUAGE plpgsql "
                "(FROM SQL WITH FUNCTION z(internal), TO SQL WITH FUNCTION i(internal))"
            ),
            "CREATE OR REPLACE TRANSFORM FOR y LANGUAGE plpgsql (FROM SQL WITH FUNCTION x(internal))",
            "CREATE FUNCTION f(y) RETURNS y TRANSFORM FOR TYPE y LANGUAGE plpgsql AS 'BEGIN RETURN $1; END'",
            "COMMENT ON TRANSFORM FOR y LANGUAGE plpgsql IS 'x'",
        ],
    ),
    Group(
        "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE FUNCTION h() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE TABLE t (a integer, b text); CREATE VIEW v AS SELECT * FROM t;"
        "CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION g();",
        carried=[
            f"CREATE OR REPLACE TRIGGER r {definition}"
            for definition in (
                "AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION g()",
                "BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION g()",
                "BEFORE INSERT OR UPDATE OF b ON t FOR EACH ROW EXECUTE FUNCTION g()",
                "BEFORE INSERT ON t EXECUTE FUNCTION g()",
                "BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION h()",
                "BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION g('x')",
                "BEFORE INSERT ON t FOR EACH ROW WHEN (NEW.a > 3) EXECUTE FUNCTION g()",
                "AFTER INSERT ON t REFERENCING NEW TABLE AS n EXECUTE FUNCTION g()",
            )
        ]
        + [
            "CREATE CONSTRAINT TRIGGER s AFTER INSERT ON t DEFERRABLE FOR EACH ROW EXECUTE FUNCTION g()",
            "CREATE TRIGGER s INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION g()",
            "ALTER TRIGGER r ON t RENAME TO s",
            "ALTER TABLE t DISABLE TRIGGER r",
            "ALTER TABLE t ENABLE REPLICA TRIGGER r",
            "ALTER TABLE t ENABLE ALWAYS TRIGGER r",
            "COMMENT ON TRIGGER r ON t IS 'x'",
            "DROP TRIGGER r ON t",
            "CREATE RULE u AS ON INSERT TO t DO ALSO NOTHING",
        ],
    ),
    Group(
        "CREATE TABLE t (a integer); CREATE RULE r AS ON INSERT TO t DO ALSO NOTHING;",
        carried=[
            "ALTER RULE r ON t RENAME TO s",
            "CREATE OR REPLACE RULE r AS ON INSERT TO t WHERE NEW.a > 1 DO INSTEAD NOTHING",
            "ALTER TABLE t DISABLE RULE r",
            "ALTER TABLE t ENABLE ALWAYS RULE r",
            "COMMENT ON RULE r ON t IS 'x'",
            "DROP RULE r ON t",
        ],
    ),
    Group(
        "CREATE TABLE t (a integer); CREATE POLICY p ON t USING (a > 1) WITH CHECK (a > 2);",
        carried=[
            "ALTER POLICY p ON t RENAME TO q",
            "ALTER POLICY p ON t TO gate_reader",
            "ALTER POLICY p ON t USING (a > 3)",
            "ALTER POLICY p ON t WITH CHECK (a > 3)",
            "DROP POLICY p ON t; CREATE POLICY p ON t AS RESTRICTIVE USING (a > 1) WITH CHECK (a > 2)",
            "DROP POLICY p ON t; CREATE POLICY p ON t FOR UPDATE USING (a > 1) WITH CHECK (a > 2)",
            "COMMENT ON POLICY p ON t IS 'x'",
            "DROP POLICY p ON t",
        ],
    ),
    Group(
        "CREATE FUNCTION g() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
        "CREATE FUNCTION h() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
        "CREATE EVENT TRIGGER me ON sql_drop WHEN TAG IN ('DROP CONVERSION') EXECUTE FUNCTION g();",
        carried=[
            "ALTER EVENT TRIGGER me RENAME TO me_2",
            "ALTER EVENT TRIGGER me DISABLE",
            "ALTER EVENT TRIGGER me ENABLE REPLICA",
            "ALTER EVENT TRIGGER me ENABLE ALWAYS",
            "DROP EVENT TRIGGER me; CREATE EVENT TRIGGER me ON sql_drop WHEN TAG IN ('DROP CAST') EXECUTE FUNCTION g()",
            (
                "DROP EVENT TRIGGER me; CREATE EVENT TRIGGER me ON ddl_command_end WHEN TAG IN ('DROP CONVERSION') "
                "EXECUTE FUNCTION g()"
            ),
            (
                "DROP EVENT TRIGGER me; CREATE EVENT TRIGGER me ON sql_drop WHEN TAG IN ('DROP CONVERSION') "
                "EXECUTE FUNCTION h()"
            ),
            "COMMENT ON EVENT TRIGGER me IS 'x'",
            "DROP EVENT TRIGGER me",
        ],
        left_out=["ALTER EVENT TRIGGER me OWNER TO gate_admin"],
    ),
    Group(
        "CREATE TABLE t (a integer, b text); CREATE VIEW v AS SELECT a, b FROM t WHERE a > 0;"
        "CREATE MATERIALIZED VIEW m AS SELECT a, b FROM t; CREATE UNIQUE INDEX i ON m (a);",
        carried=[
            "ALTER VIEW v RENAME TO w",
            "ALTER VIEW v RENAME a TO z",
            "ALTER VIEW v ALTER a SET DEFAULT 7",
            "CREATE SCHEMA me_s; ALTER VIEW v SET SCHEMA me_s",
            "ALTER VIEW v SET (security_barrier = true)",
            "ALTER VIEW v SET (security_invoker = true)",
            "ALTER VIEW v SET (check_option = cascaded)",
            "ALTER VIEW v SET (check_option = local)",
            "ALTER VIEW v SET (check_option = local, security_barrier = true)",
            "ALTER VIEW v SET (check_option = local, security_barrier = true, security_invoker = true)",
            "CREATE OR REPLACE VIEW v AS SELECT a, b FROM t WHERE a > 1",
            "COMMENT ON VIEW v IS 'x'",
            "COMMENT ON COLUMN v.a IS 'x'",
            "GRANT SELECT ON v TO gate_reader",
            "DROP VIEW v",
            "CREATE RECURSIVE VIEW c (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 9",
            "ALTER MATERIALIZED VIEW m RENAME TO n",
            "ALTER MATERIALIZED VIEW m RENAME a TO z",
            "ALTER MATERIALIZED VIEW m ALTER b SET STATISTICS 9",
            "ALTER MATERIALIZED VIEW m ALTER b SET (n_distinct = 9)",
            "ALTER MATERIALIZED VIEW m ALTER b SET STORAGE EXTERNAL",
            "ALTER MATERIALIZED VIEW m ALTER b SET COMPRESSION pglz",
            "ALTER MATERIALIZED VIEW m CLUSTER ON i",
            "ALTER MATERIALIZED VIEW m SET (fillfactor = 40)",
            "REFRESH MATERIALIZED VIEW m WITH NO DATA",
            "DROP MATERIALIZED VIEW m; CREATE MATERIALIZED VIEW m AS SELECT b, a FROM t",
            "COMMENT ON MATERIALIZED VIEW m IS 'x'",
            "GRANT SELECT ON m TO gate_reader",
            "DROP MATERIALIZED VIEW m",
            "DROP INDEX i",
        ],
        left_out=[
            "ALTER VIEW v OWNER TO gate_reader",
            "ALTER MATERIALIZED VIEW m OWNER TO gate_reader",
            "REFRESH MATERIALIZED VIEW m",
        ],
    ),
    Group(
        _LANGUAGE + "CREATE TRUSTED LANGUAGE me HANDLER handler INLINE inline VALIDATOR validator;",
        carried=[
            "ALTER LANGUAGE me RENAME TO me_2",
            "COMMENT ON LANGUAGE me IS 'x'",
            "GRANT USAGE ON LANGUAGE me TO gate_reader",
            "REVOKE USAGE ON LANGUAGE me FROM PUBLIC",
            "DROP LANGUAGE me",
            "CREATE OR REPLACE LANGUAGE me HANDLER handler INLINE inline VALIDATOR validator",
            "CREATE OR REPLACE TRUSTED LANGUAGE me HANDLER handler2 INLINE inline VALIDATOR validator",
            "CREATE OR REPLACE TRUSTED LANGUAGE me HANDLER handler VALIDATOR validator",
            "CREATE OR REPLACE TRUSTED LANGUAGE me HANDLER handler INLINE inline",
        ],
        left_out=["ALTER LANGUAGE me OWNER TO gate_reader"],
    ),
    Group(
        "CREATE ACCESS METHOD me TYPE INDEX HANDLER bthandler;",
        carried=[
            "COMMENT ON ACCESS METHOD me IS 'x'",
            "DROP ACCESS METHOD me",
            "DROP ACCESS METHOD me; CREATE ACCESS METHOD me TYPE INDEX HANDLER hashhandler",
            "CREATE ACCESS METHOD me_2 TYPE TABLE HANDLER heap_tableam_handler",
        ],
    ),
    Group(
        "CREATE FUNCTION final(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1';CREATE FUNCTION inverse(integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1';CREATE AGGREGATE a(*) (SFUNC = int4inc, STYPE = integer, INITCOND = '0', FINALFUNC = final, MSFUNC = int4inc, MINVFUNC = inverse, MSTYPE = integer, MINITCOND = '0', MFINALFUNC = final)",
        carried=[
            "CREATE OR REPLACE AGGREGATE a(*) (SFUNC = int4inc, STYPE = integer, INITCOND = '0', FINALFUNC = final, MSFUNC = int4inc, MINVFUNC = inverse, MSTYPE = integer, MINITCOND = '0', MFINALFUNC = final, FINALFUNC_EXTRA)",
            "CREATE OR REPLACE AGGREGATE a(*) (SFUNC = int4inc, STYPE = integer, INITCOND = '0', FINALFUNC = final, MSFUNC = int4inc, MINVFUNC = inverse, MSTYPE = integer, MINITCOND = '0', MFINALFUNC = final, MFINALFUNC_EXTRA)",
            "CREATE OR REPLACE AGGREGATE a(*) (SFUNC = int4inc, STYPE = integer, INITCOND = '0', FINALFUNC = final, MSFUNC = int4inc, MINVFUNC = inverse, MSTYPE = integer, MINITCOND = '0', MFINALFUNC = final, FINALFUNC_MODIFY = READ_WRITE)",
            "CREATE OR REPLACE AGGREGATE a(*) (SFUNC = int4inc, STYPE = integer, INITCOND = '0', FINALFUNC = final, MSFUNC = int4inc, MINVFUNC = inverse, MSTYPE = integer, MINITCOND = '0', MFINALFUNC = final, MFINALFUNC_MODIFY = SHAREABLE)",
        ],
    ),
    Group(
        "CREATE FUNCTION ser(internal) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT AS 'numeric_avg_serialize';CREATE FUNCTION deser(bytea, internal) RETURNS internal LANGUAGE internal IMMUTABLE STRICT AS 'numeric_avg_deserialize';CREATE AGGREGATE a(numeric) (SFUNC = numeric_avg_accum, STYPE = internal, FINALFUNC = numeric_avg, COMBINEFUNC = numeric_avg_combine, SERIALFUNC = numeric_avg_serialize, DESERIALFUNC = numeric_avg_deserialize)",
        carried=[
            "CREATE OR REPLACE AGGREGATE a(numeric) (SFUNC = numeric_avg_accum, STYPE = internal, FINALFUNC = numeric_avg, COMBINEFUNC = numeric_avg_combine, SERIALFUNC = ser, DESERIALFUNC = numeric_avg_deserialize)",
            "CREATE OR REPLACE AGGREGATE a(numeric) (SFUNC = numeric_avg_accum, STYPE = internal, FINALFUNC = numeric_avg, COMBINEFUNC = numeric_avg_combine, SERIALFUNC = numeric_avg_serialize, DESERIALFUNC = deser)",
        ],
    ),
    Group(
        "CREATE AGGREGATE a(varchar) (SFUNC = array_append, STYPE = varchar[], FINALFUNC = cardinality, MSFUNC = array_append, MINVFUNC = array_remove, MSTYPE = varchar[], MFINALFUNC = cardinality)",
        carried=[
            "DROP AGGREGATE a(varchar); CREATE AGGREGATE a(varchar) (SFUNC = array_append, STYPE = text[], FINALFUNC = cardinality, MSFUNC = array_append, MINVFUNC = array_remove, MSTYPE = varchar[], MFINALFUNC = cardinality)",
            "DROP AGGREGATE a(varchar); CREATE AGGREGATE a(varchar) (SFUNC = array_append, STYPE = varchar[], FINALFUNC = cardinality, MSFUNC = array_append, MINVFUNC = array_remove, MSTYPE = text[], MFINALFUNC = cardinality)",
        ],
    ),
    Group(
        'CREATE AGGREGATE a(VARIADIC "any" ORDER BY VARIADIC "any") (SFUNC = ordered_set_transition_multi, STYPE = internal, FINALFUNC = rank_final, FINALFUNC_EXTRA)',
        carried=[
            'DROP AGGREGATE a(VARIADIC "any" ORDER BY VARIADIC "any"); CREATE AGGREGATE a(VARIADIC "any" ORDER BY VARIADIC "any") (SFUNC = ordered_set_transition_multi, STYPE = internal, FINALFUNC = rank_final, FINALFUNC_EXTRA, HYPOTHETICAL)'
        ],
    ),
    Group(
        "CREATE OPERATOR FAMILY f USING gist; CREATE OPERATOR FAMILY g USING gist; CREATE TYPE y AS (a integer);CREATE OPERATOR CLASS c FOR TYPE y USING gist FAMILY f AS STORAGE box",
        carried=[
            "DROP OPERATOR CLASS c USING gist; CREATE OPERATOR CLASS c FOR TYPE y USING gist FAMILY g AS STORAGE box",
            "DROP OPERATOR CLASS c USING gist; CREATE OPERATOR CLASS c FOR TYPE integer USING gist FAMILY f AS STORAGE box",
            "DROP OPERATOR CLASS c USING gist; CREATE OPERATOR CLASS c FOR TYPE y USING gist FAMILY f AS STORAGE point",
        ],
    ),
    Group(
        "CREATE ACCESS METHOD me TYPE INDEX HANDLER bthandler; CREATE FUNCTION handler(internal) RETURNS index_am_handler LANGUAGE internal AS 'bthandler';",
        carried=["DROP ACCESS METHOD me; CREATE ACCESS METHOD me TYPE INDEX HANDLER handler"],
    ),
]
