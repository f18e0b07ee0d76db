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
    'direct arguments', a.aggnumdirectargs,
    'parallel', p.proparallel,
    'transition', json_build_array(a.aggtransfn::regprocedure, a.aggtranstype::regtype, a.aggtransspace),
    'initial state', a.agginitval,
    'final', json_build_array(a.aggfinalfn::regproc, a.aggfinalextra, a.aggfinalmodify),
    'parallel functions', json_build_array(a.aggcombinefn, a.aggserialfn, a.aggdeserialfn),
    'moving transition', json_build_array(
        a.aggmtransfn, a.aggminvtransfn, nullif(a.aggmtranstype, 0)::regtype, a.aggmtransspace),
    'moving initial state', a.aggminitval,
    'moving final', json_build_array(a.aggmfinalfn, a.aggmfinalextra, a.aggmfinalmodify),
    'sort operator', nullif(a.aggsortop, 0)::regoperator)))
FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid
WHERE p.oid >= 16384 AND p.pronamespace::regnamespace::text !~ '^pg_temp_';
