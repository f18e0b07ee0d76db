-- What PostgreSQL creates and names itself is left out: a foreign key's per-partition copies, a NOT NULL that is
-- also inherited (see 12-column.sql). So are the rows for constraint triggers (see 17-trigger.sql).
SELECT json_build_array(
    'constraint',
    quote_ident(c.conname) || ' of ' || coalesce(nullif(c.conrelid, 0)::regclass::text, c.contypid::regtype::text),
    json_strip_nulls(json_build_object(
        'definition', pg_get_constraintdef(c.oid),
        -- A partition's is never its own once it is attached.
        'inherited', nullif(c.contype = 'c' AND c.conrelid <> 0 AND NOT c.conislocal, false))))
FROM pg_constraint c
WHERE c.oid >= 16384
    AND c.contype <> 't'
    AND NOT (c.contype = 'f' AND c.conparentid <> 0)
    AND NOT (c.contype = 'n' AND c.coninhcount > 0)
    AND c.connamespace::regnamespace::text !~ '^pg_temp_';
