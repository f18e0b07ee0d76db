CREATE FUNCTION hard.quotes(a text DEFAULT E'it''s "quoted" \\ and	tabbed', VARIADIC rest integer[] DEFAULT '{1,NULL}')
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE COST 7 AS $body$
    SELECT $$ dollar $_$ and $function$ $$ || E'\\.' || 'a''b' || a  -- ünï 🐘 /*
/*
\.
*/
$body$;

CREATE FUNCTION hard.quotes(integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1';

CREATE FUNCTION "odd ""Schema"". ünï\n"."fünc ""(tion)"""("a b" integer, OUT "select" integer, INOUT "ß" text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hard, pg_temp SET work_mem = '8MB' AS
E'DECLARE x text := ''\\\\'';\r\nBEGIN\r\n    "select" := "a b" + 1;  -- carriage returns, no final newline\r\nEND';

CREATE FUNCTION hard.pairs(count integer) RETURNS TABLE (n integer, "n²" bigint)
LANGUAGE sql IMMUTABLE LEAKPROOF ROWS 42
BEGIN ATOMIC
    SELECT i, (i::bigint * i) FROM generate_series(1, count) i WHERE i BETWEEN 1 AND 9 AND i <> 5;
END;

CREATE FUNCTION hard.first_of(anyarray) RETURNS anyelement LANGUAGE sql IMMUTABLE AS 'SELECT $1[1]';

CREATE FUNCTION hard.doubled(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN $1 || $1;

CREATE PROCEDURE hard.tidy(INOUT done integer, tables regclass[] DEFAULT NULL)
LANGUAGE plpgsql AS $$ BEGIN COMMIT; done := done + 1; END $$;

CREATE FUNCTION hard.hue(hard.colour) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT CASE $1 WHEN 'red' THEN 0 WHEN 'Grün' THEN 120 ELSE 240 END $$;
CREATE CAST (hard.colour AS integer) WITH FUNCTION hard.hue(hard.colour) AS ASSIGNMENT;
CREATE CAST (text AS hard.address) WITH INOUT;
CREATE CAST (hard.token AS bytea) WITHOUT FUNCTION;

CREATE FUNCTION hard.add(point, point) RETURNS point LANGUAGE sql IMMUTABLE AS
    'SELECT point($1[0] + $2[0], $1[1] + $2[1])';
CREATE FUNCTION hard.take(point, point) RETURNS point LANGUAGE sql IMMUTABLE AS
    'SELECT point($1[0] - $2[0], $1[1] - $2[1])';
CREATE AGGREGATE hard.sum(point) (
    SFUNC = hard.add, STYPE = point, INITCOND = '(0,0)', COMBINEFUNC = hard.add, PARALLEL = SAFE,
    MSFUNC = hard.add, MINVFUNC = hard.take, MSTYPE = point, MINITCOND = '(0,0)');
CREATE AGGREGATE hard.joined(text) (SFUNC = textcat, STYPE = text, SSPACE = 64, FINALFUNC = hard.doubled, FINALFUNC_MODIFY = SHAREABLE);
CREATE AGGREGATE hard.quantile(double precision ORDER BY anyelement) (
    SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
CREATE AGGREGATE hard.least_of(integer) (SFUNC = int4smaller, STYPE = integer, SORTOP = <);

CREATE FUNCTION hard.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE FUNCTION hard.note_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE DEBUG '%', tg_tag; END $$;
