-- Columns of tables, views and composite types; only deviations from the type's defaults are listed. A dump puts
-- inherited columns first, so their position is not compared, but that of a child's own columns among themselves.
SELECT json_build_array('column', c.oid::regclass || '.' || quote_ident(a.attname), json_strip_nulls(json_build_object(
    'position', CASE WHEN c.relispartition OR a.attinhcount = 0 THEN rank() OVER (
        PARTITION BY a.attrelid, c.relispartition OR a.attinhcount = 0 ORDER BY a.attnum) END,
    'type', format_type(a.atttypid, a.atttypmod),
    'not null', nullif(a.attnotnull, false),
    'default', CASE a.attgenerated WHEN '' THEN pg_get_expr(d.adbin, d.adrelid) END,
    'generated', CASE WHEN a.attgenerated <> '' THEN concat(a.attgenerated, ': ', pg_get_expr(d.adbin, d.adrelid)) END,
    'identity', nullif(a.attidentity, ''),
    'collation', CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation END,
    'storage', CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END,
    'compression', nullif(a.attcompression, ''),
    'statistics target', nullif(a.attstattarget, -1),
    -- pg_attver (15.20 and its contemporaries) is the server's record of a WAL position, which no dump carries.
    'options', (SELECT json_agg(o ORDER BY n) FROM unnest(a.attoptions) WITH ORDINALITY AS options(o, n)
                WHERE o NOT LIKE 'pg\_attver=%'),
    'foreign options', (SELECT json_object_agg(option_name, option_value ORDER BY option_name COLLATE "C")
                        FROM pg_options_to_table(a.attfdwoptions)),
    'inherited', CASE WHEN NOT a.attislocal AND NOT c.relispartition THEN true END)))
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.oid >= 16384
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
    AND c.relpersistence <> 't'
    AND a.attnum > 0
    AND NOT a.attisdropped;
