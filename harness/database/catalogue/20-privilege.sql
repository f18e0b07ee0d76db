-- Privileges other than the defaults. A dump made with --no-owner gives every object to the user who restores it: the
-- owner appears as "owner", and what others' objects grant to that user is left out, which after a restore are grants
-- by others or of columns to the owner. (What another owner has revoked
-- from themselves comes back as a grant to them: that counts as a difference, and is one.) A NULL list and one that
-- spells out the default are equal.
WITH object (class, id, part, kind, name, acl, standard, owner) AS (
    SELECT 'pg_class'::regclass, oid, 0, CASE relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, oid::regclass::text,
        relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner), relowner
    FROM pg_class WHERE relacl IS NOT NULL AND relpersistence <> 't'
    UNION ALL
    SELECT 'pg_class'::regclass, c.oid, a.attnum, 'column', c.oid::regclass || '.' || quote_ident(a.attname),
        a.attacl, acldefault('c', c.relowner), c.relowner
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND c.relpersistence <> 't'
    UNION ALL
    SELECT 'pg_namespace'::regclass, oid, 0, 'schema', quote_ident(nspname), nspacl,
        CASE nspname WHEN 'public' THEN acldefault('n', nspowner) || makeaclitem(0, nspowner, 'USAGE', false)
                     ELSE acldefault('n', nspowner) END, nspowner
    FROM pg_namespace WHERE (nspacl IS NOT NULL OR nspname = 'public') AND nspname !~ '^pg_(temp|toast_temp)_'
    UNION ALL
    SELECT 'pg_proc'::regclass, oid, 0, 'function', oid::regprocedure::text, proacl, acldefault('f', proowner), proowner
    FROM pg_proc WHERE proacl IS NOT NULL
    UNION ALL
    SELECT 'pg_type'::regclass, oid, 0, 'type', oid::regtype::text, typacl, acldefault('T', typowner), typowner
    FROM pg_type WHERE typacl IS NOT NULL
    UNION ALL
    SELECT 'pg_language'::regclass, oid, 0, 'language', quote_ident(lanname), lanacl, acldefault('l', lanowner), lanowner
    FROM pg_language WHERE lanacl IS NOT NULL
    UNION ALL
    SELECT 'pg_foreign_data_wrapper'::regclass, oid, 0, 'foreign-data wrapper', quote_ident(fdwname), fdwacl,
        acldefault('F', fdwowner), fdwowner
    FROM pg_foreign_data_wrapper WHERE fdwacl IS NOT NULL
    UNION ALL
    SELECT 'pg_foreign_server'::regclass, oid, 0, 'server', quote_ident(srvname), srvacl,
        acldefault('S', srvowner), srvowner
    FROM pg_foreign_server WHERE srvacl IS NOT NULL
    UNION ALL
    SELECT 'pg_largeobject'::regclass, oid, 0, 'large object', oid::text, lomacl, acldefault('L', lomowner), lomowner
    FROM pg_largeobject_metadata WHERE lomacl IS NOT NULL
)
SELECT json_build_array('privileges on', o.kind || ' ' || o.name, granted.list)
FROM object o
LEFT JOIN pg_init_privs i ON i.classoid = o.class AND i.objoid = o.id AND i.objsubid = o.part AND o.id < 16384
CROSS JOIN LATERAL (
    SELECT
        coalesce(jsonb_object_agg(grantee, privileges) FILTER (WHERE side = 'now'), '{}') AS list,
        coalesce(jsonb_object_agg(grantee, privileges) FILTER (WHERE side = 'standard'), '{}') AS standard
    FROM (
        SELECT
            side,
            CASE e.grantee WHEN 0 THEN 'PUBLIC' WHEN o.owner THEN 'owner' ELSE e.grantee::regrole::text END
                || CASE WHEN e.grantor <> o.owner THEN ' by ' || e.grantor::regrole ELSE '' END AS grantee,
            string_agg(
                lower(e.privilege_type) || CASE WHEN e.is_grantable THEN ' with grant option' ELSE '' END, ', '
                ORDER BY e.privilege_type COLLATE "C", e.is_grantable) AS privileges
        FROM (
            SELECT 'now' AS side, n.* FROM aclexplode(coalesce(o.acl, acldefault('n', o.owner))) n
            WHERE NOT (
                o.kind = 'schema' AND o.name <> 'public' AND o.name !~ '^pg_' AND n.grantee = 0 -- see 23-uncarried.sql
                AND EXISTS (SELECT FROM unnest(o.acl) a JOIN unnest(i.initprivs) b ON a = b WHERE a::text ~ '^='))
            UNION ALL
            SELECT 'standard', s.*
            FROM aclexplode(CASE WHEN o.kind = 'schema' AND o.name !~ '^pg_' THEN o.standard
                                 ELSE coalesce(i.initprivs, o.standard) END) s
        ) e
        WHERE e.grantee <> current_user::regrole
            OR (e.grantee = o.owner AND e.grantor = o.owner AND o.kind <> 'column')
        GROUP BY side, 2
    ) entry
) granted
WHERE (o.id >= 16384 OR o.acl IS DISTINCT FROM i.initprivs)
    AND o.name !~ '^information_schema(\.|$)'
    AND granted.list <> granted.standard;

SELECT json_build_array(
    'default privileges',
    'of ' || d.defaclrole::regrole || coalesce(' in schema ' || nullif(d.defaclnamespace, 0)::regnamespace, '')
        || ' on ' || CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                                          WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE d.defaclobjtype::text END,
    (SELECT coalesce(json_object_agg(grantee, privileges ORDER BY grantee COLLATE "C"), '{}') FROM (
        SELECT
            CASE e.grantee WHEN 0 THEN 'PUBLIC' ELSE e.grantee::regrole::text END AS grantee,
            string_agg(
                lower(e.privilege_type) || CASE WHEN e.is_grantable THEN ' with grant option' ELSE '' END, ', '
                ORDER BY e.privilege_type COLLATE "C") AS privileges
        FROM aclexplode(d.defaclacl) e
        GROUP BY 1
    ) entry))
FROM pg_default_acl d;
