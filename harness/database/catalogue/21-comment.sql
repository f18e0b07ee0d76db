SELECT json_build_array('comment on', i.type || ' ' || i.identity, json_build_object('text', d.description))
FROM pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) i
WHERE (d.objoid >= 16384
        OR (d.classoid = 'pg_namespace'::regclass AND d.objoid = to_regnamespace('public')
            AND d.description <> 'standard public schema'))
    AND i.identity IS NOT NULL  -- a dropped subscription leaves its comment behind
    AND coalesce(i.schema, '') !~ '^pg_temp_';
