-- A dump gives an identity column's sequence the type of the column, which LIKE … INCLUDING IDENTITY does not.
SELECT json_build_array('sequence', c.oid::regclass, json_strip_nulls(json_build_object(
    'type', CASE WHEN NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i'
    ) THEN s.seqtypid::regtype END,
    'start', s.seqstart,
    'increment', s.seqincrement,
    'minimum', s.seqmin,
    'maximum', s.seqmax,
    'cache', s.seqcache,
    'cycle', s.seqcycle,
    'unlogged', nullif(c.relpersistence = 'u', false),
    'owned by', (
        SELECT d.refobjid::regclass || '.' || quote_ident(a.attname)
        FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')))))
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
WHERE c.oid >= 16384 AND c.relpersistence <> 't';

-- Current positions are in the sequences themselves.
SELECT format(
    $$SELECT json_build_array('sequence', %1$L, json_build_object('position', last_value, 'called', is_called))
      FROM %1$s$$,
    c.oid::regclass)
FROM pg_class c
WHERE c.oid >= 16384 AND c.relkind = 'S' AND c.relpersistence <> 't'
\gexec
