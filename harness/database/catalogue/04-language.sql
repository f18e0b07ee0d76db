SELECT json_build_array('language', quote_ident(l.lanname), json_build_object(
    'trusted', l.lanpltrusted,
    'handler', l.lanplcallfoid::regprocedure,
    'inline handler', l.laninline::regprocedure,
    'validator', l.lanvalidator::regprocedure))
FROM pg_language l
WHERE l.oid >= 16384 AND l.lanname <> 'plpgsql';

SELECT json_build_array('access method', quote_ident(a.amname), json_build_object(
    'handler', a.amhandler::regprocedure))
FROM pg_am a
WHERE a.oid >= 16384;

SELECT json_build_array('transform', t.trftype::regtype || ' for ' || quote_ident(l.lanname), json_build_object(
    'from SQL', t.trffromsql::regprocedure,
    'to SQL', t.trftosql::regprocedure))
FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang;
