-- Leftovers of a failed CREATE INDEX CONCURRENTLY are left out, as in pg_dump.
SELECT json_build_array('index', c.oid::regclass, json_strip_nulls(json_build_object(
    'definition', pg_get_indexdef(c.oid),
    'clustered', nullif(i.indisclustered, false),
    'replica identity', nullif(i.indisreplident, false),
    'attached to', (SELECT h.inhparent::regclass FROM pg_inherits h WHERE h.inhrelid = c.oid),
    'tablespace', (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace),
    'statistics targets', (
        SELECT json_agg(a.attnum || ': ' || a.attstattarget ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attstattarget >= 0))))
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.oid >= 16384
    AND c.relpersistence <> 't'
    AND c.relnamespace <> 'pg_toast'::regnamespace
    AND (i.indisvalid OR c.relkind = 'I');
