SELECT json_build_array('statistics', s.stxnamespace::regnamespace || '.' || quote_ident(s.stxname),
    json_strip_nulls(json_build_object(
        'definition', pg_get_statisticsobjdef(s.oid),
        'target', nullif(s.stxstattarget, -1))))
FROM pg_statistic_ext s;
