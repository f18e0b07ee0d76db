-- A large object's OID is its name: tables refer to it, and a dump keeps it. Read 1 MB at a time, through the
-- interface that fills a sparse object's holes with zeros, as pg_dump reads it.
SELECT json_build_array('large object', o.oid, json_build_object(
    'bytes', size.bytes,
    'digest', (
        SELECT md5(string_agg(md5(lo_get(o.oid, piece, 1048576)), '' ORDER BY piece))
        FROM generate_series(0, size.bytes - 1, 1048576) piece)))
FROM pg_largeobject_metadata o
CROSS JOIN LATERAL (
    SELECT coalesce(max(l.pageno * current_setting('block_size')::bigint / 4 + length(l.data)), 0) AS bytes
    FROM pg_largeobject l WHERE l.loid = o.oid
) size;
