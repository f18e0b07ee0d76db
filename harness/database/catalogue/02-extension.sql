SELECT json_build_array('extension', quote_ident(e.extname), json_strip_nulls(json_build_object(
    'version', e.extversion,
    'schema', e.extnamespace::regnamespace,
    'configuration tables', e.extconfig::regclass[],
    'configuration filters', e.extcondition)))
FROM pg_extension e;
