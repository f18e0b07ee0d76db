-- Standalone types; not the row types of tables, nor the array and multirange types that come with another type.
SELECT json_build_array('type', t.oid::regtype, json_strip_nulls(json_build_object(
    'kind', CASE t.typtype WHEN 'b' THEN 'base' WHEN 'c' THEN 'composite' WHEN 'd' THEN 'domain'
                           WHEN 'e' THEN 'enumeration' WHEN 'r' THEN 'range' ELSE 'pseudo' END,
    -- The text of an expression is as the search_path of its creation had it.
    'default', coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault),
    'labels', (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
    'domain', CASE t.typtype WHEN 'd' THEN json_build_object(
        'of', format_type(t.typbasetype, t.typtypmod),
        'not null', t.typnotnull,
        'collation', nullif(t.typcollation, 0)::regcollation) END,
    'range', (SELECT json_build_object(
            'of', r.rngsubtype::regtype,
            'collation', nullif(r.rngcollation, 0)::regcollation,
            'operator class', c.opcnamespace::regnamespace || '.' || quote_ident(c.opcname),
            'canonical', r.rngcanonical::regproc,
            'difference', r.rngsubdiff::regproc,
            'multirange', r.rngmultitypid::regtype)
        FROM pg_range r JOIN pg_opclass c ON c.oid = r.rngsubopc WHERE r.rngtypid = t.oid),
    'base', CASE t.typtype WHEN 'b' THEN json_build_object(
        'input', t.typinput, 'output', t.typoutput, 'receive', t.typreceive,
        'send', t.typsend, 'modifier input', t.typmodin, 'modifier output', t.typmodout, 'analyze', t.typanalyze,
        'subscript', t.typsubscript, 'length', t.typlen, 'by value', t.typbyval, 'alignment', t.typalign,
        'storage', t.typstorage, 'category', t.typcategory, 'preferred', t.typispreferred,
        'delimiter', t.typdelim, 'element', nullif(t.typelem, 0)::regtype, 'collatable', t.typcollation <> 0) END)))
FROM pg_type t
LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE t.oid >= 16384
    AND (t.typrelid = 0 OR c.relkind = 'c')
    AND t.typtype <> 'm'
    AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
    AND t.typnamespace::regnamespace::text !~ '^pg_temp_';
