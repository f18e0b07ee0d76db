-- What CREATE DATABASE decides. Columns that only some majors have are read through jsonb.
SELECT json_build_array('database', NULL, json_build_object(
    'encoding', pg_encoding_to_char(d.encoding),
    'collation', d.datcollate,
    'character type', d.datctype,
    'locale provider', j ->> 'datlocprovider',
    'locale', coalesce(j ->> 'datlocale', j ->> 'daticulocale'),
    'collation rules', j ->> 'daticurules'))
FROM pg_database d, to_jsonb(d) j
WHERE d.datname = current_database();
