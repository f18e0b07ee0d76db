-- Every new database has "public", so that a dump cannot carry its absence; its contents, privileges and comment
-- are compared like any other's.
SELECT json_build_array('schema', quote_ident(n.nspname), '{}'::json)
FROM pg_namespace n
WHERE n.nspname NOT IN ('public', 'information_schema') AND n.nspname !~ '^pg_';
