-- A range type's constructors are left out: they come with the type, under its name when it was created. A body's text is compared exactly; a body stored as a parse tree (BEGIN ATOMIC), as the server prints it.
SELECT json_build_array(
    CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END,
    p.oid::regprocedure,
    json_build_object(CASE WHEN p.prosqlbody IS NULL THEN 'text' ELSE 'definition' END, pg_get_functiondef(p.oid)))
FROM pg_proc p
WHERE p.oid >= 16384
    AND p.prokind <> 'a'
    AND p.pronamespace::regnamespace::text !~ '^pg_temp_'
    AND NOT (p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ '^plpgsql_')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i');

SELECT json_build_array('aggregate', p.oid::regprocedure, json_strip_nulls(json_build_object(
    'kind', a.aggkind,
    'arguments', pg_get_function_arguments(p.oid),
    'parallel', p.proparallel,
    'transition function', a.aggtransfn::regprocedure,
    'transition type', a.aggtranstype::regtype,
    'transition space', nullif(a.aggtransspace, 0),
    'initial state', a.agginitval,
    'final function', nullif(a.aggfinalfn::oid, 0)::regprocedure,
    'final extra', nullif(a.aggfinalextra, false),
    'final modifies', a.aggfinalmodify,
    'combine function', nullif(a.aggcombinefn::oid, 0)::regprocedure,
    'serial function', nullif(a.aggserialfn::oid, 0)::regprocedure,
    'deserial function', nullif(a.aggdeserialfn::oid, 0)::regprocedure,
    'moving transition function', nullif(a.aggmtransfn::oid, 0)::regprocedure,
    'moving inverse function', nullif(a.aggminvtransfn::oid, 0)::regprocedure,
    'moving transition type', nullif(a.aggmtranstype, 0)::regtype,
    'moving transition space', nullif(a.aggmtransspace, 0),
    'moving initial state', a.aggminitval,
    'moving final function', nullif(a.aggmfinalfn::oid, 0)::regprocedure,
    'moving final extra', nullif(a.aggmfinalextra, false),
    'moving final modifies', a.aggmfinalmodify,
    'sort operator', nullif(a.aggsortop, 0)::regoperator)))
FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid
WHERE p.oid >= 16384 AND p.pronamespace::regnamespace::text !~ '^pg_temp_';
