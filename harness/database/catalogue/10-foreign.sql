-- Options are sorted: a dump lists them alphabetically.
SELECT json_build_array('foreign-data wrapper', quote_ident(w.fdwname), json_strip_nulls(json_build_object(
    'handler', w.fdwhandler::regproc,
    'validator', w.fdwvalidator::regproc,
    'options', (SELECT json_object_agg(option_name, option_value ORDER BY option_name COLLATE "C")
                FROM pg_options_to_table(w.fdwoptions)))))
FROM pg_foreign_data_wrapper w;

SELECT json_build_array('server', quote_ident(s.srvname), json_strip_nulls(json_build_object(
    'wrapper', w.fdwname,
    'type', s.srvtype,
    'version', s.srvversion,
    'options', (SELECT json_object_agg(option_name, option_value ORDER BY option_name COLLATE "C")
                FROM pg_options_to_table(s.srvoptions)))))
FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw;

-- A mapping's options contain passwords: only their digest leaves the database.
SELECT json_build_array(
    'user mapping',
    coalesce(nullif(m.umuser, 0)::regrole::text, 'PUBLIC') || ' at ' || quote_ident(s.srvname),
    json_strip_nulls(json_build_object('digest of options', (
        SELECT md5(json_object_agg(option_name, option_value ORDER BY option_name COLLATE "C")::text)
        FROM pg_options_to_table(m.umoptions)))))
FROM pg_user_mapping m JOIN pg_foreign_server s ON s.oid = m.umserver;
