-- Roles are the cluster's, not the database's: a dump refers to them, and they must be there before it is restored.
SELECT format('CREATE ROLE %I NOLOGIN', role)
FROM unnest(ARRAY['gate_reader', 'gate_writer', 'Gate "Prüfer" o''Brien']) role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role)
\gexec

CREATE SCHEMA hard;
CREATE SCHEMA "odd ""Schema"". ünï\n";
CREATE SCHEMA "SELECT";
CREATE SCHEMA empty;
