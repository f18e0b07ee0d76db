GRANT USAGE ON SCHEMA hard, "odd ""Schema"". ünï\n" TO gate_reader, gate_writer WITH GRANT OPTION;
GRANT CREATE ON SCHEMA public TO gate_writer;
GRANT SELECT, INSERT ON hard.employees TO gate_writer WITH GRANT OPTION;
GRANT SELECT ON hard.texts, hard.staff, hard.totals, hard.passwd TO PUBLIC;
GRANT SELECT (id, name), UPDATE (name) ON hard.departments TO gate_reader;
GRANT REFERENCES (a) ON hard.no_rows TO "Gate ""Prüfer"" o'Brien" WITH GRANT OPTION;
REVOKE DELETE ON hard.bytes FROM CURRENT_USER;
GRANT USAGE, UPDATE ON SEQUENCE hard.counter TO gate_reader;
REVOKE EXECUTE ON FUNCTION hard.quotes(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hard.quotes(integer), hard.sum(point) TO gate_reader;
REVOKE ALL ON PROCEDURE hard.tidy FROM PUBLIC;
REVOKE USAGE ON TYPE hard.colour FROM PUBLIC;
GRANT USAGE ON TYPE hard.colour TO gate_reader;
REVOKE USAGE ON DOMAIN hard.percentage FROM PUBLIC;
GRANT USAGE ON FOREIGN DATA WRAPPER "hard wrapper" TO gate_writer;
GRANT USAGE ON FOREIGN SERVER files TO gate_reader WITH GRANT OPTION;
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql TO gate_writer, PUBLIC;
GRANT SELECT ON LARGE OBJECT 424201 TO gate_reader WITH GRANT OPTION;
GRANT SELECT, UPDATE ON LARGE OBJECT 424203 TO PUBLIC;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_waldir() TO gate_reader;
GRANT SELECT (rolname) ON pg_catalog.pg_authid TO gate_reader;

-- Granted by one who is not the owner.
SET SESSION AUTHORIZATION gate_writer;
GRANT SELECT ON hard.employees TO "Gate ""Prüfer"" o'Brien";
RESET SESSION AUTHORIZATION;

-- Owned by others: --no-owner gives them to whoever restores, and the privileges must not follow the old owner.
ALTER TABLE hard.owned OWNER TO gate_writer;
GRANT SELECT ON hard.owned TO gate_reader, CURRENT_USER;
ALTER SEQUENCE hard."never used" OWNER TO gate_writer;
ALTER FUNCTION hard.quotes(integer) OWNER TO gate_writer;
ALTER TYPE hard.colour OWNER TO gate_reader;
ALTER LARGE OBJECT 424201 OWNER TO gate_writer;
ALTER SCHEMA "SELECT" OWNER TO gate_reader;
ALTER SERVER files OWNER TO gate_writer;

ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO gate_reader;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE gate_writer IN SCHEMA hard GRANT USAGE ON SEQUENCES TO PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE gate_writer GRANT USAGE ON SCHEMAS TO gate_reader WITH GRANT OPTION;
