"""What a scenario does to the machine's PostgreSQL."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.database.psql import identifier, literal
from harness.host.deadline import Deadline
from harness.trial.errors import NotSeen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.database.psql import Psql
    from harness.machine.machine import Machine

_LOCKER = "pg-archive-gate"
# The first table that pg_dump would wait for.
_LOCK = """
DO $$
DECLARE found regclass;
BEGIN
    SELECT c.oid INTO STRICT found FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema$)' ORDER BY c.oid LIMIT 1;
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', found);
END $$
"""


class PostgreSql:
    """The server, as its superuser."""

    def __init__(self, machine: Machine, psql: Psql) -> None:
        self._machine = machine
        self._psql = psql

    def refuse(self, database: str) -> None:
        """Let nobody connect to the database."""
        self._psql.run(f"ALTER DATABASE {identifier(database)} ALLOW_CONNECTIONS false")

    def accept(self, database: str) -> None:
        """End ``refuse``."""
        self._psql.run(f"ALTER DATABASE {identifier(database)} ALLOW_CONNECTIONS true")

    def end_session(self, program: str, timeout: float = 120.0) -> None:
        """Wait until the program has connected, and end its session, as the server does when it stops.

        Raises:
            NotSeen: it has not connected within ``timeout`` seconds.
        """
        deadline = Deadline(timeout)
        whose = f"application_name = {literal(program)}"
        ending = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {whose}"  # noqa: S608 - quoted
        while "t" not in self._psql.run(ending):
            if deadline.passed:
                raise NotSeen(f"{program} did not connect to PostgreSQL within {timeout:g} s")
            time.sleep(0.1)

    @contextmanager
    def locked(self, database: str) -> Iterator[None]:
        """Hold an ACCESS EXCLUSIVE lock on a table of the database, so that a dump of it waits."""
        conninfo = f"dbname={literal(database).strip()} application_name={_LOCKER}"
        statements = ("BEGIN", _LOCK, "SELECT 'locked'", "SELECT pg_sleep(3600)")
        options = [word for statement in statements for word in ("-c", statement)]
        running = self._machine.start(
            [self._psql.program, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", conninfo, *options],
            user=self._psql.user,
        )
        if not running.read(timeout=60).startswith(b"locked"):
            raise NotSeen(f"no table of {database} could be locked: {running.wait(10).stderr.decode(errors='replace')}")
        try:
            yield
        finally:
            self.end_session(_LOCKER)  # its client sleeps with it
            running.kill()
