-- What is true of the source and in no dump of it, whatever its options: not compared, but said. pg_dump leaves out an
-- entry of an access list that is as initdb made it (pg_init_privs), since every new database has it; that of the schema
-- "public" none has under another name.
SELECT json_build_array('uncarried', 'PUBLIC''s USAGE of the schema ' || quote_ident(n.nspname), json_build_object())
FROM pg_namespace n
JOIN pg_init_privs i ON i.classoid = 'pg_namespace'::regclass AND i.objoid = n.oid
WHERE n.oid < 16384
    AND n.nspname NOT IN ('public', 'information_schema')
    AND n.nspname !~ '^pg_'
    AND EXISTS (SELECT FROM unnest(n.nspacl) a JOIN unnest(i.initprivs) b ON a = b WHERE a::text ~ '^=')
ORDER BY n.nspname COLLATE "C";
