-- What is not initdb's. Every new database has "public" with a comment, whose removal a dump carries, and plpgsql with
-- one, whose removal it does not. A large object may have any number.
SELECT json_build_array('comment on', i.type || ' ' || i.identity, json_build_object('text', d.description))
FROM pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) i
WHERE CASE d.classoid
        WHEN 'pg_largeobject'::regclass THEN true
        WHEN 'pg_namespace'::regclass THEN i.identity NOT IN ('public', 'information_schema') AND i.identity !~ '^"?pg_'
        WHEN 'pg_extension'::regclass THEN i.identity <> 'plpgsql'
        WHEN 'pg_language'::regclass THEN d.objoid >= 16384 AND i.identity <> 'plpgsql'
        WHEN 'pg_proc'::regclass THEN d.objoid >= 16384 AND i.identity !~ '^pg_catalog\.plpgsql_'
        ELSE d.objoid >= 16384 END
    AND i.identity IS NOT NULL  -- a dropped subscription leaves its comment behind
    AND coalesce(i.schema, '') !~ '^pg_temp_';

SELECT json_build_array('comment on', 'schema public', json_build_object('text', d.description))
FROM pg_namespace n CROSS JOIN obj_description(n.oid, 'pg_namespace') d(description)
WHERE n.nspname = 'public' AND d.description IS DISTINCT FROM 'standard public schema';

-- Those of roles and databases are not in the dump of one database.
SELECT json_build_array('security label on', s.objtype || ' ' || s.objname || ' by ' || quote_ident(s.provider),
    json_build_object('label', s.label))
FROM pg_seclabels s
WHERE s.objtype NOT IN ('database', 'role', 'tablespace');
