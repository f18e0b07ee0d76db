SELECT json_build_array('collation', c.oid::regcollation, json_strip_nulls(json_build_object(
    'provider', c.collprovider,
    'deterministic', c.collisdeterministic,
    'collate', c.collcollate,
    'character type', c.collctype,
    'locale', coalesce(j ->> 'colllocale', j ->> 'colliculocale'),
    'rules', j ->> 'collicurules')))
FROM pg_collation c, to_jsonb(c) j
WHERE c.oid >= 16384;

SELECT json_build_array('conversion', c.connamespace::regnamespace || '.' || quote_ident(c.conname), json_build_object(
    'from', pg_encoding_to_char(c.conforencoding),
    'to', pg_encoding_to_char(c.contoencoding),
    'function', c.conproc,
    'default', c.condefault))
FROM pg_conversion c
WHERE c.oid >= 16384;
