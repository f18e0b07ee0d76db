SELECT json_build_array('trigger', quote_ident(t.tgname) || ' on ' || t.tgrelid::regclass, json_build_object(
    'definition', pg_get_triggerdef(t.oid),
    'enabled', t.tgenabled))
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.oid >= 16384 AND NOT t.tgisinternal AND c.relpersistence <> 't';

SELECT json_build_array('event trigger', quote_ident(e.evtname), json_strip_nulls(json_build_object(
    'event', e.evtevent,
    'tags', e.evttags,
    'function', e.evtfoid::regprocedure,
    'enabled', e.evtenabled)))
FROM pg_event_trigger e;

SELECT json_build_array('rule', quote_ident(r.rulename) || ' on ' || r.ev_class::regclass, json_build_object(
    'definition', pg_get_ruledef(r.oid),
    'enabled', r.ev_enabled))
FROM pg_rewrite r
WHERE r.oid >= 16384 AND r.rulename <> '_RETURN';

SELECT json_build_array(
    'policy',
    quote_ident(p.polname) || ' on ' || p.polrelid::regclass,
    json_strip_nulls(json_build_object(
        'command', p.polcmd,
        'permissive', p.polpermissive,
        'roles', (SELECT json_agg(coalesce(nullif(r, 0)::regrole::text, 'PUBLIC') ORDER BY nullif(r, 0)::regrole::text COLLATE "C")
                  FROM unnest(p.polroles) r),
        'using', pg_get_expr(p.polqual, p.polrelid),
        'check', pg_get_expr(p.polwithcheck, p.polrelid))))
FROM pg_policy p;
