"""What a scenario does to the machine's PostgreSQL."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.database.psql import Psql, conninfo, identifier, literal
from harness.database.readiness import await_databases
from harness.errors import GateError
from harness.host.deadline import Deadline
from harness.trial.errors import NotSeen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.database.sources import Sources
    from harness.machine.machine import Machine

_STOPPED = 120.0  # seconds; as long as NixOS gives it
_BALLAST = "pg_archive_gate_ballast"
# Some 13 MB that do not compress: an emulated machine dumps them in five seconds and more.
_MAKE_BALLAST = f"""
CREATE TABLE public.{_BALLAST} AS
SELECT md5(n::text) || md5((-n)::text) || encode(sha256(n::text::bytea), 'hex') AS t FROM generate_series(1, 100000) n
"""  # noqa: S608 - a constant
# With --inserts, pg_dump fetches rows from a cursor, and does not say of which table: the database must do.
_DUMPING = f"""
FROM pg_stat_activity WHERE datname = {{database}} AND pid <> pg_backend_pid()
AND (query LIKE {literal(f"COPY %{_BALLAST}%")} OR query LIKE 'FETCH % FROM _pg_dump_cursor')
"""

# The first of the database's own tables.
_TABLE = """
SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' ORDER BY c.oid LIMIT 1
"""
_LOCKER = "pg-archive-gate-lock"
_HELD = f"""
SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
               WHERE a.application_name = {literal(_LOCKER)} AND l.mode = 'AccessExclusiveLock' AND l.granted)
"""  # noqa: S608 - a constant
_UNLOCK = f"""
SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE application_name = {literal(_LOCKER)}
"""  # noqa: S608 - a constant
# Without it, systemd starts the server again at once, and with it each unit that requires it.
_STAYS_DOWN = """
directory=/run/systemd/system/{unit}.d
mkdir --parents $directory && printf '[Service]\\nRestart=no\\n' > $directory/stays-down.conf && systemctl daemon-reload
"""
# After boots too, and on NixOS, where /etc/systemd/system is in the Nix store: systemd.unit(5).
_SLOW = """
directory=/etc/systemd/system.control/{unit}.d
mkdir --parents $directory
printf '[Service]\\nExecStartPre=%s {seconds}\\n' "$(command -v sleep)" > $directory/slow.conf
"""
_UNIT = "postgresql.service"
_WAITING = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'relation' AND NOT granted)"


class PostgreSql:
    """The server, as its superuser. ``limit`` is psql's, in seconds, and that of each wait."""

    def __init__(self, machine: Machine, *, user: str, sources: Sources, limit: float) -> None:
        self.sources = sources
        """What the databases hold."""
        self._machine = machine
        self._psql = Psql(machine, user=user, limit=limit)
        self._slow = ""

    def refuse(self, database: str) -> None:
        """Let nobody connect to the database."""
        self._psql.run(f"ALTER DATABASE {identifier(database)} ALLOW_CONNECTIONS false")

    def accept(self, database: str) -> None:
        """End ``refuse``."""
        self._psql.run(f"ALTER DATABASE {identifier(database)} ALLOW_CONNECTIONS true")

    def change(self, database: str, script: str) -> None:
        """Run SQL in the database, as its users do: later runs are compared with what it holds then.

        Raises:
            DatabaseError: the script fails.
        """
        try:
            self._psql.run(script, database, timeout=self._psql.limit)
        finally:
            self.sources.forget(database)

    def recreate(self, database: str, options: str) -> None:
        """Drop the database, and create it with these options of CREATE DATABASE, empty.

        Raises:
            DatabaseError: PostgreSQL refuses.
        """
        self._psql.drop(database)
        self._psql.run(f"CREATE DATABASE {identifier(database)} TEMPLATE template0 {options}", timeout=120)
        self.sources.forget(database)

    @contextmanager
    def locked(self, database: str) -> Iterator[Callable[[], None]]:
        """Hold an ACCESS EXCLUSIVE lock on a table of the database, as a migration does: a dump waits for its end.

        Yields what ends it earlier.

        Raises:
            GateError: there is no table, or it cannot be locked within psql's limit.
        """
        table = self._psql.run(_TABLE, database).strip()
        if not table:
            raise GateError(f"{database} has no table that could be locked")
        # In one string it is one transaction.
        script = f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(86400)"
        where = f"{conninfo(database)} application_name={_LOCKER}"
        self._machine.start([self._psql.program, "-X", "-q", "-c", script, "-d", where], user=self._psql.user)

        def unlock() -> None:
            self._psql.run(_UNLOCK, timeout=90)

        try:
            if not self._sees(_HELD):
                raise GateError(f"{table} of {database} could not be locked within {self._psql.limit:g} s")
            yield unlock
        finally:
            unlock()

    def wait_until_blocked(self) -> None:
        """Wait until somebody waits for a lock on a table: a dump has begun, and cannot go on.

        Raises:
            NotSeen: nobody does within psql's limit.
        """
        self._await(_WAITING, "session that waits for a lock")

    @contextmanager
    def slow_to_dump(self, database: str) -> Iterator[None]:
        """Give the database a table that takes seconds to dump and to encrypt; afterwards it is as before."""
        self.change(database, _MAKE_BALLAST)
        self._slow = database
        try:
            yield
        finally:
            self.change(database, f"DROP TABLE public.{_BALLAST}")

    def wait_until_dumped(self) -> None:
        """Wait until rows of the slow table are being dumped.

        Raises:
            NotSeen: nobody has dumped it within psql's limit.
        """
        self._await(f"SELECT EXISTS (SELECT {self._dumping})", "dump of the slow table")

    def end_dump(self) -> None:
        """Wait until rows of the slow table are being dumped, and end that session, as a server that stops does.

        Raises:
            NotSeen: nobody has dumped it within psql's limit.
        """
        self._await(f"SELECT pg_terminate_backend(pid) {self._dumping}", "dump of the slow table")

    def stop(self) -> None:
        """Stop the server, as an operator does; what requires it starts it again."""
        self._machine.check(["systemctl", "stop", _UNIT], timeout=_STOPPED)

    def kill_in_mid_dump(self) -> None:
        """Wait until rows of the slow table are being dumped, and kill the server, which stays down until ``start``.

        Raises:
            NotSeen: nobody has dumped it within psql's limit.
        """
        self._machine.check(_STAYS_DOWN.format(unit=_UNIT))
        self.wait_until_dumped()
        self._machine.check(["systemctl", "kill", "--signal=KILL", _UNIT])
        self.sources.forget_all()  # recovery empties unlogged tables

    def be_slow_to_start(self, *, seconds: int) -> None:
        """Let it take that much longer from the next boot on, as to recover after a power cut."""
        self._machine.check(_SLOW.format(unit=_UNIT, seconds=seconds))

    def start(self) -> None:
        """Start the server, and return when it serves. Raises GateError if it does not."""
        self._machine.check(["systemctl", "start", _UNIT], timeout=_STOPPED)
        await_databases(self._psql, [])

    @property
    def _dumping(self) -> str:
        return _DUMPING.format(database=literal(self._slow))

    def _await(self, question: str, what: str) -> None:
        if not self._sees(question):
            raise NotSeen(f"no {what} within {self._psql.limit:g} s")

    def _sees(self, question: str) -> bool:
        """Ask until an answer has a ``t``: true; False if none has within psql's limit."""
        deadline = Deadline(self._psql.limit)
        while "t" not in self._psql.run(question):
            if deadline.passed:
                return False
            time.sleep(0.1)
        return True
