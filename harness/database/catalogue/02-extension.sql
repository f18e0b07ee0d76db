-- Every new database has plpgsql, so that a dump cannot carry its absence.
SELECT json_build_array('extension', quote_ident(e.extname), json_strip_nulls(json_build_object(
    'version', e.extversion,
    'schema', e.extnamespace::regnamespace)))
FROM pg_extension e
WHERE e.extname <> 'plpgsql';

-- ALTER … DEPENDS ON EXTENSION
SELECT json_build_array('dependency of', i.type || ' ' || i.identity || ' on ' || quote_ident(e.extname), '{}'::json)
FROM pg_depend d
JOIN pg_extension e ON e.oid = d.refobjid
CROSS JOIN pg_identify_object(d.classid, d.objid, d.objsubid) i
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'x';
