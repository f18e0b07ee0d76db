SELECT json_build_array('operator', o.oid::regoperator, json_strip_nulls(json_build_object(
    'function', o.oprcode,
    'commutator', nullif(o.oprcom, 0)::regoperator,
    'negator', nullif(o.oprnegate, 0)::regoperator,
    'restrict', nullif(o.oprrest::oid, 0)::regprocedure,
    'join', nullif(o.oprjoin::oid, 0)::regprocedure,
    'merges', o.oprcanmerge,
    'hashes', o.oprcanhash)))
FROM pg_operator o
WHERE o.oid >= 16384 AND o.oprcode <> 0;  -- 0: only named by another operator, never created

SELECT json_build_array(
    'operator family',
    f.opfnamespace::regnamespace || '.' || quote_ident(f.opfname) || ' of ' || m.amname,
    json_strip_nulls(json_build_object(
        'operators', (
            SELECT json_agg(concat_ws(' ', o.amopstrategy, o.amopopr::regoperator, 'for order by '
                    || s.opfnamespace::regnamespace || '.' || quote_ident(s.opfname))
                ORDER BY o.amopstrategy, o.amopopr::regoperator::text COLLATE "C")
            FROM pg_amop o LEFT JOIN pg_opfamily s ON s.oid = o.amopsortfamily WHERE o.amopfamily = f.oid),
        'functions', (
            SELECT json_agg(concat_ws(' ', p.amprocnum, p.amproclefttype::regtype, p.amprocrighttype::regtype,
                                   p.amproc::regprocedure)
                ORDER BY p.amprocnum, p.amproclefttype::regtype::text COLLATE "C", p.amprocrighttype::regtype::text COLLATE "C")
            FROM pg_amproc p WHERE p.amprocfamily = f.oid))))
FROM pg_opfamily f JOIN pg_am m ON m.oid = f.opfmethod
WHERE f.oid >= 16384;

SELECT json_build_array(
    'operator class',
    c.opcnamespace::regnamespace || '.' || quote_ident(c.opcname) || ' of ' || m.amname,
    json_build_object(
        'type', c.opcintype::regtype,
        'family', f.opfnamespace::regnamespace || '.' || quote_ident(f.opfname),
        'default', c.opcdefault,
        'stored as', nullif(c.opckeytype, 0)::regtype))
FROM pg_opclass c JOIN pg_am m ON m.oid = c.opcmethod JOIN pg_opfamily f ON f.oid = c.opcfamily
WHERE c.oid >= 16384;

SELECT json_build_array('cast', c.castsource::regtype || ' AS ' || c.casttarget::regtype, json_build_object(
    'function', c.castfunc::regprocedure,
    'context', c.castcontext,
    'method', c.castmethod))
FROM pg_cast c
WHERE c.oid >= 16384
    -- A range's to its multirange comes with the type.
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'i');
