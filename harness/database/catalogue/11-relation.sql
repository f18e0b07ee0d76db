-- All kinds of tables, and views. A dump puts a view's check option last, so it is not among the others. For their columns see 12-column.sql, for their rows 22-rows.sql.
SELECT json_build_array(
    CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
                   ELSE 'table' END,
    c.oid::regclass,
    json_strip_nulls(json_build_object(
        'partitioned by', CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END,
        'partition', pg_get_expr(c.relpartbound, c.oid),
        'inherits', (SELECT json_agg(i.inhparent::regclass ORDER BY i.inhseqno)
                     FROM pg_inherits i WHERE i.inhrelid = c.oid),
        'row type', nullif(c.reloftype, 0)::regtype,
        'unlogged', nullif(c.relpersistence = 'u', false),
        'definition', CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
        'populated', CASE c.relkind WHEN 'm' THEN c.relispopulated END,
        'options', (SELECT json_agg(o ORDER BY n) FROM unnest(c.reloptions) WITH ORDINALITY AS options(o, n)
                    WHERE NOT starts_with(o, 'check_option=')),
        'check option', (SELECT o FROM unnest(c.reloptions) o WHERE starts_with(o, 'check_option=')),
        'TOAST options', (SELECT t.reloptions FROM pg_class t WHERE t.oid = c.reltoastrelid),
        'access method', (SELECT a.amname FROM pg_am a WHERE a.oid = c.relam),
        'tablespace', (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace),
        'replica identity', CASE WHEN c.relkind IN ('r', 'p', 'm') THEN nullif(c.relreplident, 'd') END,
        'row security', nullif(c.relrowsecurity, false),
        'row security forced', nullif(c.relforcerowsecurity, false),
        'server', (SELECT s.srvname FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver
                   WHERE f.ftrelid = c.oid),
        'foreign options', (
            SELECT json_object_agg(o.option_name, o.option_value ORDER BY o.option_name COLLATE "C")
            FROM pg_foreign_table f, pg_options_to_table(f.ftoptions) o WHERE f.ftrelid = c.oid))))
FROM pg_class c
WHERE c.oid >= 16384
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND c.relpersistence <> 't';
