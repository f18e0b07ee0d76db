-- Every row of every table, as text, in no order: the number of rows, and the sums of two 64-bit hashes of each.
-- (Sums, not XOR: equal rows must not cancel out. ROW(t.*), not t.*: users can define casts of a table's row type.) A table that inherits is read with its columns sorted by name, see
-- 12-column.sql. Not read: foreign tables, whose rows are another database's, and materialized views, whose rows a
-- restore recomputes, so that a stale one comes back fresh.
SELECT format(
    $$SELECT json_build_array('table', %L, json_build_object(
        'rows', count(*),
        'digest of rows', sum(hashtextextended(line, 0)) || ':' || sum(hashtextextended(line, 1))))
      FROM (SELECT (%s)::text COLLATE "C" AS line FROM ONLY %s t OFFSET 0) r$$,
    c.oid::regclass,
    CASE WHEN c.relispartition OR NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid) THEN 'ROW(t.*)'
         ELSE (SELECT 'ROW(' || string_agg('t.' || quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE "C") || ')'
               FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) END,
    c.oid::regclass)
FROM pg_class c
WHERE c.oid >= 16384
    AND c.relkind = 'r'
    AND c.relpersistence <> 't'
    AND c.relnamespace <> 'pg_toast'::regnamespace
\gexec
