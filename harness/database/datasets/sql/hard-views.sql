CREATE VIEW hard.staff (number, "full name", department) WITH (security_barrier) AS
SELECT e.id, e.name, d.name FROM hard.employees e JOIN hard.departments d ON d.id = e.department
WHERE e.contract IN ('full', 'half') AND e.hired BETWEEN '2000-01-01' AND '2999-12-31' AND e.salary > 0;

CREATE VIEW hard.full_timers WITH (security_invoker) AS
SELECT id, department, name, contract FROM hard.employees WHERE contract = 'full' WITH LOCAL CHECK OPTION;
ALTER VIEW hard.full_timers ALTER COLUMN name SET DEFAULT 'from the view';

-- Grouping by the primary key alone: the view cannot be made before the key.
CREATE VIEW hard.heads AS
SELECT d.id, d.name, count(e.id) AS employees FROM hard.departments d LEFT JOIN hard.employees e ON e.department = d.id
GROUP BY d.id;

CREATE RECURSIVE VIEW hard.countdown (n) AS VALUES (10) UNION ALL SELECT n - 1 FROM countdown WHERE n > 1;

CREATE VIEW "SELECT"."view of a view" AS
SELECT s.*, row_number() OVER w AS "№", hard.quotes(), 'x' LIKE ANY (ARRAY['a%', 'x_']) AS "a b"
FROM hard.staff s WINDOW w AS (PARTITION BY s.department ORDER BY s.number DESC NULLS LAST);

CREATE MATERIALIZED VIEW hard.totals WITH (fillfactor = 60) AS
SELECT department, sum(salary) AS total, array_agg(name ORDER BY name) AS names
FROM hard.employees GROUP BY department WITH DATA;
CREATE UNIQUE INDEX ON hard.totals (department);
-- The totals are stale now; a restore recomputes them.
UPDATE hard.employees SET salary = 201, hired = '2020-02-02' WHERE nick = 'b';
CREATE MATERIALIZED VIEW hard.later AS SELECT * FROM hard.totals WITH NO DATA;
