SELECT json_build_array('publication', quote_ident(p.pubname), json_strip_nulls(json_build_object(
    'all tables', p.puballtables,
    'insert', p.pubinsert, 'update', p.pubupdate, 'delete', p.pubdelete, 'truncate', p.pubtruncate,
    'through root', p.pubviaroot,
    'tables', (
        SELECT json_object_agg(r.prrelid::regclass, json_build_object(
                'filter', pg_get_expr(r.prqual, r.prrelid),
                'columns', (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
                            WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)))
            ORDER BY r.prrelid::regclass::text COLLATE "C")
        FROM pg_publication_rel r WHERE r.prpubid = p.oid),
    'schemas', (
        SELECT json_agg(n.pnnspid::regnamespace ORDER BY n.pnnspid::regnamespace::text COLLATE "C")
        FROM pg_publication_namespace n WHERE n.pnpubid = p.oid))))
FROM pg_publication p;

-- Whether it is enabled is not compared: a dump restores every subscription disabled. The connection string may
-- contain a password, so only its digest leaves the database.
SELECT json_build_array('subscription', quote_ident(s.subname), json_strip_nulls(json_build_object(
    'digest of connection', md5(s.subconninfo),
    'slot', s.subslotname,
    'publications', s.subpublications,
    'binary', s.subbinary,
    'streaming', j ->> 'substream',
    'two-phase', j ->> 'subtwophasestate' <> 'd',  -- pending or enabled
    'disabled on error', j ->> 'subdisableonerr',
    'synchronous commit', s.subsynccommit,
    'origin', j ->> 'suborigin',
    'password required', j ->> 'subpasswordrequired',
    'run as owner', j ->> 'subrunasowner',
    'failover', j ->> 'subfailover')))
FROM pg_database d JOIN pg_subscription s ON d.oid = s.subdbid, to_jsonb(s) j
WHERE d.datname = current_database();
