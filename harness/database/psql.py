"""A PostgreSQL server, accessed through its psql: SQL goes in through stdin, so that no value is ever an argument."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import IO, TYPE_CHECKING

from harness.database.marked import MARK, marked
from harness.errors import DeadlinePassed, GateError

if TYPE_CHECKING:
    from harness.database.shell import Shell

# What the machine's limits look like; the last is what a client sees of a server that the kernel has killed.
_OPTIONS = {
    "No space left on device": "the machine's disk is full: --gate-disk GIB makes a larger one",
    "out of memory": "--gate-memory MIB gives the machine more",
    "server closed the connection unexpectedly": "if it ran out of memory, --gate-memory MIB gives the machine more",
}

_END = "<gate>"  # around what is asked after a script
_RESTRICTED = r": it is cut off, without pg_dump's last line, \unrestrict, or somebody's command is in it"  # psql(1)
_MAINTENANCE = "postgres"  # connected to while others are created and dropped

# Override the settings of database and role. The shell enforces the timeout.
_SETTINGS = (
    "client_min_messages=error",
    "lc_messages=C",
    "statement_timeout=0",
    "default_transaction_read_only=off",
)

# LOCALE_PROVIDER and its options differ between majors: 15 has libc and icu, 17 adds builtin, renames a column.
_CREATE = """
SELECT format('CREATE DATABASE %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L ', {name},
              pg_encoding_to_char(d.encoding), d.datcollate, d.datctype)
    || CASE j ->> 'datlocprovider'
           WHEN 'i' THEN format('LOCALE_PROVIDER icu ICU_LOCALE %L', coalesce(j ->> 'datlocale', j ->> 'daticulocale'))
               || coalesce(' ICU_RULES ' || quote_literal(j ->> 'daticurules'), '')
           WHEN 'b' THEN format('LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', j ->> 'datlocale')
           ELSE '' END
FROM pg_database d, to_jsonb(d) j
WHERE d.datname = {like}
\\gexec
SELECT count(*) FROM pg_database WHERE datname = {name};
"""

# A subscription keeps its database from being dropped. Without its slot's name, dropping it never contacts the
# publisher, where the slot is the source's. Event triggers are the restored data's, not to be run.
_UNSUBSCRIBE = """
SET session_replication_role = replica;
SELECT format('ALTER SUBSCRIPTION %1$I DISABLE; ALTER SUBSCRIPTION %1$I SET (slot_name = NONE);'
              'DROP SUBSCRIPTION %1$I', s.subname)
FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
WHERE d.datname = current_database()
\\gexec
"""


class DatabaseError(GateError):
    """PostgreSQL failed; the message has its first error line."""


class LimitMet(GateError):
    """It is not PostgreSQL that failed: time, disk or memory did not suffice.

    The message names the option that gives more, if there is one.
    """


def too_slow(what: object, limit: float) -> LimitMet:
    """Return the error about what did not end within a limit that ``--gate-timeout`` sets."""
    return LimitMet(f"{what}; --gate-timeout SECONDS allows more than the present {limit:g}")


@dataclass(frozen=True)
class Psql:
    """psql on the server's machine, as superuser, over the local socket."""

    shell: Shell
    program: str = "psql"
    """A path, or a name on PATH."""
    user: str = "postgres"
    """Both operating system user and database superuser, for peer authentication."""
    limit: float = 300
    """Seconds for reading a whole database; filling one may take thrice that."""

    def run(self, sql: str | bytes, database: str = _MAINTENANCE, *, timeout: float = 60) -> str:
        """Run a script until its end or first error; return the selected rows, unaligned, without headers.

        Raises:
            DatabaseError: a statement fails, or there is no connection.
        """
        script = sql.encode("utf-8", "surrogateescape") if isinstance(sql, str) else sql
        return self._psql(script, database, timeout=timeout)

    def load(self, script: IO[bytes], database: str) -> str:
        r"""Run a script block by block; return the database that it ends in, another one after a \connect.

        Raises what ``run`` raises, and DatabaseError if psql has not run all of it, or it leaves a transaction open,
        which is rolled back.
        """
        # Marked, because the script may have set \timing, \x and the like, which add to what is printed.
        is_open = "pg_current_xact_id_if_assigned() IS NOT NULL"
        asked = f"SELECT '{_END}' || ({is_open}) || '{_END}' || current_database() || '{_END}'"
        # \o: the script may have sent what is printed elsewhere.
        output = self._psql(marked(script), database, "-c", r"\o", "-c", asked, timeout=3 * self.limit)
        if MARK not in output:
            raise DatabaseError(
                r"it is not run to its end: \q ends it before, or rows, without the line \. after them, as if cut off; "
                r"leave out \q and what follows it, or make or copy the file again"
            )
        _, left_open, ends_in, *_ = [*output.split(_END)[-4:], "", "", ""]
        if left_open == "true":
            raise DatabaseError("it ends within a transaction: COMMIT is missing, or the script is cut off")
        return ends_in

    def restore(self, path: str, database: str) -> None:
        """Have pg_restore load a dump in its custom or directory format, a path on the server's machine.

        Raises what ``run`` raises.
        """
        self.call("pg_restore", "--exit-on-error", "-d", conninfo(database), path, timeout=3 * self.limit)

    def call(self, *command: str, timeout: float = 60, stdin: bytes | IO[bytes] = b"") -> bytes:
        """Run another program as the superuser; return its output.

        Raises:
            DatabaseError: it fails.
            LimitMet: its ``timeout``, the disk or the memory does not suffice.
        """
        try:
            result = self.shell.run(command, timeout=timeout, stdin=stdin, user=self.user)
        except DeadlinePassed as error:
            if timeout < self.limit:  # not derived from it
                raise LimitMet(str(error)) from None
            raise too_slow(error, self.limit) from None
        if result.status != 0:
            said = _first_error(result.stderr, result.status)
            if option := _option(result.stderr):
                raise LimitMet(f"{said}; {option}")
            raise DatabaseError(said)
        return result.stdout

    @cached_property
    def processors(self) -> int:
        """How many processors the server's machine has."""
        return int(self.call("nproc"))

    @property
    def major(self) -> int:
        """The server's major version."""
        return int(self.run("SHOW server_version_num")) // 10000

    def databases(self) -> list[str]:
        """Names of the databases that accept connections, without templates."""
        listing = "SELECT coalesce(json_agg(datname ORDER BY datname), '[]') FROM pg_database "
        names: list[str] = json.loads(self.run(listing + "WHERE datallowconn AND NOT datistemplate"))
        return names

    def last_write(self) -> str:
        """Return what is another after any transaction that has written, in whatever database of the cluster."""
        return self.run("SELECT pg_snapshot_xmax(pg_current_snapshot())").strip()

    def create(self, name: str, *, like: str) -> None:
        """Create an empty database with the encoding and locale of ``like``.

        Raises:
            DatabaseError: it already exists, or ``like`` does not.
        """
        if self.run(_CREATE.format(name=literal(name), like=literal(like)), timeout=120) == "0\n":
            raise DatabaseError(f"there is no database {like} to take encoding and locale from")

    def drop(self, name: str) -> None:
        """Drop a database, even with open connections or subscriptions; it need not exist."""
        subscribed = (
            f"SELECT FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = {literal(name)}"
        )
        if self.run(f"SELECT EXISTS ({subscribed})") == "t\n":
            self.run(_UNSUBSCRIBE, name)
        self.run(f"DROP DATABASE IF EXISTS {identifier(name)} WITH (FORCE)", timeout=120)

    def _psql(self, script: bytes | IO[bytes], database: str, *more: str, timeout: float) -> str:
        # -f -, not bare stdin: only then do errors have line numbers.
        command = [self.program, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-", *more]
        output = self.call(*command, "-d", conninfo(database), timeout=timeout, stdin=script)
        # A SQL_ASCII database may hold bytes that are not UTF-8; they pass through unchanged.
        return output.decode("utf-8", "surrogateescape")


def literal(text: str) -> str:
    """Quote a string for SQL, regardless of standard_conforming_strings."""
    quoted = text.replace("'", "''").replace("\\", "\\\\")
    return f" E'{quoted}'" if "\\" in quoted else f"'{quoted}'"


def identifier(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def conninfo(database: str) -> str:
    """Return psql's connection string: a bare name is not safe, as ``-d a=b`` would be read as one."""
    name = re.sub(r"(['\\])", r"\\\1", database)
    settings = " ".join(f"-c {setting}" for setting in _SETTINGS)
    return f"dbname='{name}' client_encoding=UTF8 options='{settings}'"


def _option(stderr: bytes) -> str | None:
    """Return what to do if a limit of the machine is the reason; a row of data may read like one."""
    reasons = [
        re.sub(rb'"[^"]*"', b"", line)
        for line in stderr.splitlines()
        if not re.match(rb"(?:CONTEXT|DETAIL|STATEMENT|QUERY|LINE \d+):", line)
    ]
    return next((option for sign, option in _OPTIONS.items() if any(sign.encode() in line for line in reasons)), None)


def _first_error(stderr: bytes, status: int) -> str:
    if MARK.encode() in stderr:
        return r"it is cut off within rows: the line \. after them is missing; make or copy it again"
    lines = stderr.decode("utf-8", "replace").splitlines()
    for line in lines:
        if re.search(r"\b(ERROR|FATAL|PANIC|error):", line):
            said = re.sub(r"^psql:<stdin>:(\d+): ", r"line \1: ", line.strip())
            return said + (_RESTRICTED if r"only \unrestrict is allowed" in said else "")
    return " ".join(lines[:1]) or f"ended with status {status} and no message"
