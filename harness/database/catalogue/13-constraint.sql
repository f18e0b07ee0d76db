-- What PostgreSQL makes and names itself is left out: a foreign key's per-partition copies, a NOT NULL that is
-- also inherited (12-column.sql has it). So are the rows that stand for constraint triggers: 17-trigger.sql has those.
SELECT json_build_array(
    'constraint',
    quote_ident(c.conname) || ' of ' || coalesce(nullif(c.conrelid, 0)::regclass::text, c.contypid::regtype::text),
    json_build_object('definition', pg_get_constraintdef(c.oid)))
FROM pg_constraint c
WHERE c.oid >= 16384
    AND c.contype <> 't'
    AND NOT (c.contype = 'f' AND c.conparentid <> 0)
    AND NOT (c.contype = 'n' AND c.coninhcount > 0)
    AND c.connamespace::regnamespace::text !~ '^pg_temp_';
