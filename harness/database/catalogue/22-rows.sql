-- Every row of every table, as text, in no order: how many there are, and the sum of each of two 64-bit hashes of them.
-- (Sums, not exclusive or: a pair of equal rows must not cancel out.) Foreign tables hold no rows of this database.
SELECT format(
    $$SELECT json_build_array(%L, %L, json_build_object(
        'rows', count(*),
        'digest of rows', sum(hashtextextended(line, 0)) || ':' || sum(hashtextextended(line, 1))))
      FROM (SELECT (t.*)::text COLLATE "C" AS line FROM ONLY %s t OFFSET 0) r$$,
    CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'table' END, c.oid::regclass, c.oid::regclass)
FROM pg_class c
WHERE c.oid >= 16384
    AND c.relkind IN ('r', 'm')
    AND c.relpersistence <> 't'
    AND c.relnamespace <> 'pg_toast'::regnamespace
    AND c.relispopulated
\gexec
