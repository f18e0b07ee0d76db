SELECT json_build_array('text search parser', p.prsnamespace::regnamespace || '.' || quote_ident(p.prsname),
    json_build_object('start', p.prsstart, 'token', p.prstoken, 'end', p.prsend,
                      'headline', p.prsheadline, 'token types', p.prslextype))
FROM pg_ts_parser p
WHERE p.oid >= 16384;

SELECT json_build_array('text search template', t.tmplnamespace::regnamespace || '.' || quote_ident(t.tmplname),
    json_build_object('init', t.tmplinit, 'lexize', t.tmpllexize))
FROM pg_ts_template t
WHERE t.oid >= 16384;

SELECT json_build_array('text search dictionary', d.oid::regdictionary, json_build_object(
    'template', t.tmplnamespace::regnamespace || '.' || quote_ident(t.tmplname),
    'options', d.dictinitoption))
FROM pg_ts_dict d JOIN pg_ts_template t ON t.oid = d.dicttemplate
WHERE d.oid >= 16384;

SELECT json_build_array('text search configuration', c.oid::regconfig, json_build_object(
    'parser', p.prsnamespace::regnamespace || '.' || quote_ident(p.prsname),
    'dictionaries', (
        SELECT json_agg(t.alias || ': ' || m.mapdict::regdictionary ORDER BY t.alias, m.mapseqno)
        FROM pg_ts_config_map m JOIN ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype
        WHERE m.mapcfg = c.oid)))
FROM pg_ts_config c JOIN pg_ts_parser p ON p.oid = c.cfgparser
WHERE c.oid >= 16384;
