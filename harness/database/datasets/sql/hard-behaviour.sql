CREATE TRIGGER before_row BEFORE INSERT OR UPDATE OF name, salary ON hard.employees
    FOR EACH ROW WHEN (NEW.salary > 0 AND NEW.name <> 'it''s') EXECUTE FUNCTION hard.note('an "argument"', 'ünï \ 2');
CREATE TRIGGER "after statement" AFTER UPDATE ON hard.employees
    REFERENCING OLD TABLE AS before NEW TABLE AS "after" FOR EACH STATEMENT EXECUTE FUNCTION hard.note();
CREATE CONSTRAINT TRIGGER deferred AFTER DELETE ON hard.departments FROM hard.employees
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hard.note();
CREATE TRIGGER on_partitions AFTER INSERT ON hard.events FOR EACH ROW EXECUTE FUNCTION hard.note();
CREATE TRIGGER instead INSTEAD OF UPDATE ON hard.staff FOR EACH ROW EXECUTE FUNCTION hard.note();
CREATE TRIGGER off BEFORE TRUNCATE ON hard.texts EXECUTE FUNCTION hard.note();
CREATE TRIGGER always BEFORE DELETE ON hard.texts FOR EACH ROW EXECUTE FUNCTION hard.note();
CREATE TRIGGER replica BEFORE UPDATE ON hard.texts FOR EACH ROW EXECUTE FUNCTION hard.note();
ALTER TABLE hard.texts DISABLE TRIGGER off, ENABLE ALWAYS TRIGGER always, ENABLE REPLICA TRIGGER replica;
ALTER TABLE hard.events_2024 DISABLE TRIGGER on_partitions;

CREATE RULE keep AS ON DELETE TO hard.duplicates WHERE old.a = 0 DO INSTEAD NOTHING;
CREATE RULE also AS ON INSERT TO hard.heads DO INSTEAD (
    INSERT INTO hard.departments (name) VALUES (new.name); NOTIFY "added ""one""");
CREATE RULE idle AS ON UPDATE TO hard.duplicates DO ALSO NOTHING;
ALTER TABLE hard.duplicates DISABLE RULE idle;

ALTER TABLE hard.texts ENABLE ROW LEVEL SECURITY;
ALTER TABLE hard.employees ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY everyone ON hard.texts USING (id > 0);
CREATE POLICY "some 'see'" ON hard.employees AS RESTRICTIVE FOR SELECT TO gate_reader, "Gate ""Prüfer"" o'Brien"
    USING (salary BETWEEN 1 AND 1000 AND contract IN ('full', 'half') AND name <> current_user);
CREATE POLICY writing ON hard.employees FOR INSERT TO gate_writer WITH CHECK (share IS NULL OR share < 50);

CREATE EVENT TRIGGER gate_notes ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE')
    EXECUTE FUNCTION hard.note_ddl();
CREATE EVENT TRIGGER "gate ""off""" ON sql_drop EXECUTE FUNCTION hard.note_ddl();
ALTER EVENT TRIGGER "gate ""off""" DISABLE;

CREATE PUBLICATION some_rows FOR TABLE hard.departments (id, name) WHERE (id BETWEEN 1 AND 500 AND id <> 7),
    hard.dropped WITH (publish = 'insert', publish_via_partition_root = true);
CREATE PUBLICATION "of a schema" FOR TABLES IN SCHEMA hard, "SELECT";
CREATE PUBLICATION everything FOR ALL TABLES WITH (publish = 'truncate');

CREATE FOREIGN DATA WRAPPER "hard wrapper" NO HANDLER OPTIONS (debug 'true', "a b" 'it''s');
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE SERVER "far away" TYPE 'odd' VERSION '1.0' FOREIGN DATA WRAPPER "hard wrapper" OPTIONS (host 'h');
CREATE USER MAPPING FOR PUBLIC SERVER "far away" OPTIONS (password 'not "a" secret');
CREATE USER MAPPING FOR gate_reader SERVER "far away" OPTIONS ("user" 'x');
CREATE FOREIGN TABLE hard.passwd (name text OPTIONS (force_not_null 'true') NOT NULL, rest text)
    SERVER files OPTIONS (filename '/nowhere/passwd', format 'csv', delimiter ':');
CREATE FOREIGN TABLE hard.remote (a integer CHECK (a > 0)) INHERITS (hard.owned) SERVER "far away" OPTIONS (x 'y');
