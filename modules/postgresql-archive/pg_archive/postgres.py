"""The PostgreSQL server that psql reaches by the environment (PGHOST, PGPORT, PGUSER, …)."""

from __future__ import annotations

import json
import os
import pwd
import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

from pg_archive import process
from pg_archive.cli import say_error
from pg_archive.deadline import WEEK, Deadline
from pg_archive.errors import DatabaseError
from pg_archive.ownership import is_abandoned, temporary_name

LENGTH = 63
"""Bytes of a name."""
_MAINTENANCE = "postgres"  # connected to while others are made, renamed and dropped
_WITHOUT_IT = "template1"  # the same, for that one itself
_SHORT = 60.0  # seconds for a statement that touches no rows
# Seconds to make or drop a database, which waits for a checkpoint: minutes on a busy server. If psql gives up sooner,
# the server goes on, and what it makes then is left behind.
_CHECKPOINT = 600.0
_SETTINGS = "-c client_min_messages=warning -c statement_timeout=0"
# Messages in English, where this role may choose: at the connection's start it would be an error for all others.
_ENGLISH = (
    b"SELECT set_config('lc_messages', 'C', false) WHERE current_setting('is_superuser')::boolean \\g /dev/null\n"
)
# Its own lines, in the server's language: what follows them, as DETAIL or CONTEXT, has data of the rows.
_ERROR = re.compile(r"psql:(?:<stdin>:\d+:(?! WARNING)| (?:FATAL|error)\b)")
_IN_THE_WAY = "stop what connects to it, end what pg_prepared_xacts has of it, and try again"
_RECONNECTIONS = 5

# The server's locale goes with the server's encoding, "C" with any.
_CREATE = """
SELECT format('CREATE DATABASE %I TEMPLATE template0 ENCODING %L ', {name}, {encoding})
    || CASE WHEN pg_encoding_to_char(encoding) = {encoding} THEN ''
           ELSE 'LC_COLLATE ''C'' LC_CTYPE ''C'' '
               || CASE WHEN to_jsonb(d) ? 'datlocprovider' THEN 'LOCALE_PROVIDER libc' ELSE '' END END
FROM pg_database d WHERE datname = 'template0'
\\gexec
"""
# LOCALE_PROVIDER and its options differ between majors: 15 has libc and icu, 17 adds builtin and renames a column.
_CREATE_LIKE = """
SELECT format('CREATE DATABASE %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L ', {name},
              pg_encoding_to_char(d.encoding), d.datcollate, d.datctype)
    || CASE WHEN {inherits} AND pg_has_role(d.datdba, 'MEMBER')
           THEN format('OWNER %I ', pg_get_userbyid(d.datdba)) ELSE '' END
    || CASE WHEN d.dattablespace <> t.dattablespace AND has_tablespace_privilege(d.dattablespace, 'CREATE')
           THEN format('TABLESPACE %I ', (SELECT spcname FROM pg_tablespace WHERE oid = d.dattablespace)) ELSE '' END
    || CASE j ->> 'datlocprovider'
           WHEN 'i' THEN format('LOCALE_PROVIDER icu ICU_LOCALE %L', coalesce(j ->> 'datlocale', j ->> 'daticulocale'))
               || coalesce(' ICU_RULES ' || quote_literal(j ->> 'daticurules'), '')
           WHEN 'b' THEN format('LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', j ->> 'datlocale')
           WHEN 'c' THEN 'LOCALE_PROVIDER libc'
           ELSE '' END
FROM pg_database d, to_jsonb(d) j, pg_database t
WHERE d.datname = {like} AND t.datname = 'template0'
\\gexec
"""
# What belongs to a database and is in no dump of it. The old owner's rights become the new one's, as by ALTER DATABASE.
_RIGHTS = """
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC, %I', {name}, pg_get_userbyid(new.datdba))
FROM pg_database old, pg_database new
WHERE old.datname = {like} AND new.datname = {name} AND old.datacl IS NOT NULL
\\gexec
SELECT format('GRANT %s ON DATABASE %I TO %s', privilege_type, {name},
              CASE grantee WHEN 0 THEN 'PUBLIC' WHEN old.datdba THEN quote_ident(pg_get_userbyid(new.datdba))
                           ELSE quote_ident(pg_get_userbyid(grantee)) END)
    || CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
FROM pg_database old, aclexplode(old.datacl), pg_database new
WHERE old.datname = {like} AND new.datname = {name}
\\gexec
"""
# Settings that are lists have their elements quoted; here each is a literal, as pg_dumpall writes them.
_CONFIGURED = """
SELECT format('ALTER DATABASE %I CONNECTION LIMIT %s', {name}, greatest(datconnlimit, -1))
FROM pg_database WHERE datname = {like}
\\gexec
SELECT 'ALTER ' || CASE setrole WHEN 0 THEN '' ELSE format('ROLE %I IN ', pg_get_userbyid(setrole)) END
    || format('DATABASE %I SET %I TO ', {name}, split_part(setting, '=', 1))
    || CASE WHEN split_part(setting, '=', 1) IN ('search_path', 'temp_tablespaces', 'local_preload_libraries',
                                                 'session_preload_libraries')
           THEN (SELECT string_agg(quote_literal(coalesce(replace(item[1], '""', '"'), item[2])), ', ' ORDER BY n)
                 FROM regexp_matches(value, '"((?:[^"]|"")*)"|([^", ]+)', 'g') WITH ORDINALITY found(item, n))
           ELSE quote_literal(value) END
FROM pg_database JOIN pg_db_role_setting ON setdatabase = oid, unnest(setconfig) setting,
     substr(setting, strpos(setting, '=') + 1) value
WHERE datname = {like}
\\gexec
"""
# In one message with the renaming, which lets nobody else in: else clients come back in between. Autovacuum's workers,
# which are nobody's, are ended by the renaming; only a superuser may end them otherwise.
_RENAME = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {literal} AND usesysid IS NOT NULL \\; \
ALTER DATABASE {old} RENAME TO {new};
"""
# A subscription keeps its database from being dropped. Without its slot's name, dropping it asks nothing of the
# publisher, where the slot is the source's; with it, DROP fails, as the three are one transaction. Event triggers are
# the restored data's, and not to be run.
_DROP = """
SELECT count(*) > 0 AS subscribed
FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = {name}
\\gset
\\if :subscribed
\\connect {identifier}
SELECT set_config('session_replication_role', 'replica', false) WHERE current_setting('is_superuser')::boolean;
SELECT format('ALTER SUBSCRIPTION %1$I DISABLE; ALTER SUBSCRIPTION %1$I SET (slot_name = NONE);'
              'DROP SUBSCRIPTION %1$I', s.subname)
FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database()
\\gexec
\\connect {maintenance}
\\endif
DROP DATABASE IF EXISTS {identifier} WITH (FORCE);
"""
_COUNT = """
SELECT format('SELECT json_build_array(%L, count(*)) FROM %s %s',
              name, CASE relkind WHEN 'p' THEN '' ELSE 'ONLY' END, name)
FROM json_array_elements_text({names}) name JOIN pg_class ON pg_class.oid = to_regclass(name)
\\gexec
"""
# Until 15 to be a member is enough; from 16 on, its rights must be inherited.
_NOT_HELD = """
SELECT name FROM json_array_elements_text({names}) name
WHERE NOT pg_has_role({role}, name,
                      CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'USAGE' END)
"""
_OF_EXTENSIONS = """
SELECT name FROM json_array_elements_text({names}) name
JOIN pg_depend ON classid = 'pg_class'::regclass AND objid = to_regclass(name) AND deptype = 'e'
"""


class Postgres:
    """Reached as psql reaches it; root becomes ``postgres`` unless the environment says whom to connect as.

    ``port``: of this host's server, unless the environment says where to connect; 0: psql's own default.
    """

    def __init__(self, port: int = 0) -> None:
        self._user: str | None = None
        self._environment: dict[str, str] = {}
        self.left: list[str] = []
        """Temporary databases that could not be dropped; each was said."""
        if port and not {"PGPORT", "PGHOST", "PGSERVICE"} & os.environ.keys():
            self._environment["PGPORT"] = str(port)
        if os.geteuid() == 0 and not {"PGUSER", "PGHOST", "PGSERVICE"} & os.environ.keys():
            with suppress(KeyError):
                self._environment["HOME"] = pwd.getpwnam("postgres").pw_dir
                self._user = "postgres"

    def databases(self) -> list[str]:
        """Return the names of all databases.

        Raises:
            DatabaseError: it cannot be reached; as all methods here.
            ProgramFailed: there is no psql.
        """
        return self._names("pg_database", "datname")

    def version(self) -> int:
        """Return the server's major version."""
        return int(self.select("SHOW server_version_num")) // 10000

    def encoding(self, database: str) -> str:
        """Return a database's encoding."""
        return self.select(
            f"SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = {literal(database)}"  # noqa: S608
        )

    def missing_roles(self, roles: Iterable[str]) -> list[str]:
        """Return which of these roles there are not."""
        return sorted(set(roles) - set(self._names("pg_roles", "rolname")))

    def missing_tablespaces(self, tablespaces: Iterable[str]) -> list[str]:
        """Return which of these tablespaces there are not."""
        return sorted(set(tablespaces) - set(self._names("pg_tablespace", "spcname")))

    def not_held(self, role: str, others: Iterable[str]) -> list[str]:
        """Return whose default privileges a role may not change."""
        names = literal(json.dumps(list(others), ensure_ascii=False))
        return sorted(self.select(_NOT_HELD.format(role=literal(role), names=names)).splitlines())

    def slots(self, database: str) -> list[str]:
        """Return the names of a database's slots of replication, each of which keeps WAL."""
        found = f"SELECT slot_name FROM pg_replication_slots WHERE database = {literal(database)}"  # noqa: S608
        return sorted(self.select(found).splitlines())

    def check_prepared(self, database: str) -> None:
        """See that no prepared transaction keeps a database from being renamed.

        Raises:
            DatabaseError: one does.
        """
        found = f"SELECT count(*) FROM pg_prepared_xacts WHERE database = {literal(database)}"  # noqa: S608
        if self.select(found) != "0":
            cause = f"the database {database} has prepared transactions, which keep it from being renamed"
            raise DatabaseError("--replace", cause, _IN_THE_WAY)

    def check_restricted(self) -> None:
        """See that psql can be told to obey no command in what it reads.

        Raises:
            DatabaseError: it cannot.
        """
        try:
            self.select("\\restrict probe\nSELECT 1;\n\\unrestrict probe\n")
        except DatabaseError as error:
            if "restrict" not in error.cause:
                raise
            mend = "update PostgreSQL's client programs (since August 2025 all can), or use --to FILE"
            raise DatabaseError("psql", "cannot be kept from obeying commands in a dump", mend) from None

    @contextmanager
    def temporary(self, *, like: str | None, encoding: str, owner: str | None, inherits: bool = True) -> Iterator[str]:
        """Make an empty database for its owner alone, yield its name, and drop it unless it was renamed.

        ``like`` names a database to take encoding, locale and tablespace from, and the owner if it ``inherits``;
        without, the server's locale counts if that goes with ``encoding``.
        """
        self._drop_abandoned()
        name = temporary_name()
        statement = _CREATE.format(name=literal(name), encoding=literal(encoding))
        if like is not None:
            statement = _CREATE_LIKE.format(name=literal(name), like=literal(like), inherits=inherits)
        try:
            statement += f"\nREVOKE ALL ON DATABASE {identifier(name)} FROM PUBLIC;"
            self.select(statement, seconds=_CHECKPOINT)
            if owner is not None:
                self.select(f"ALTER DATABASE {identifier(name)} OWNER TO {identifier(owner)}")
            yield name
        finally:
            self._drop(name)

    def load(self, database: str, script: Iterable[bytes]) -> None:
        """Let psql run a script, of which an error is the end."""
        with process.child(
            self._psql(database),
            step="restore",
            deadline=Deadline(WEEK),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            environment=self._environment,
            user=self._user,
        ) as psql:
            # Here and not in a thread: an error in the script's source must end psql before it sees the end of it.
            complete = False
            with suppress(BrokenPipeError):
                psql.stdin.write(_ENGLISH)
                for piece in script:
                    psql.stdin.write(piece)
                psql.stdin.close()
                complete = True
            ended = psql.wait()
        if ended.status != 0 or not complete:
            _failed("restore", ended, first_line=2)

    def publish(self, temporary: str, name: str, *, like: str | None, aside: str | None) -> None:
        """Give a restored database its name, and let others use it: as they may ``like``, or any new database.

        One that has the name becomes ``aside``, in the same transaction; its connection limit and its settings are the
        restored one's, too.
        """
        steps = ["BEGIN;", _opening(temporary)]
        if like is not None:
            steps.append(_RIGHTS.format(name=literal(temporary), like=literal(like)))
        if aside is not None:
            steps.append(_CONFIGURED.format(name=literal(temporary), like=literal(name)))
            steps.append(_renaming(name, aside))
        # Superusers may be in the temporary one, such as an exporter of metrics that looks at all there are.
        steps.append(_renaming(temporary, name))
        steps.append("COMMIT;")
        self._rename(steps, _WITHOUT_IT if name == _MAINTENANCE else _MAINTENANCE)

    def keep(self, temporary: str, name: str, *, like: str | None) -> None:
        """Give a restored database that could not be published a name that is free.

        It gets the rights and settings of the one that it is to replace, ``like``; without, it is its owner's alone.
        """
        steps = []
        if like is not None:
            steps = [_opening(temporary), _RIGHTS.format(name=literal(temporary), like=literal(like))]
            steps.append(_CONFIGURED.format(name=literal(temporary), like=literal(like)))
        self._rename(["BEGIN;", *steps, _renaming(temporary, name), "COMMIT;"], _MAINTENANCE)

    def _rename(self, steps: list[str], elsewhere: str) -> None:
        for attempt in range(1, _RECONNECTIONS + 1):
            try:
                self.select("\n".join(steps), elsewhere)
            except DatabaseError as error:
                # A client came back all the same.
                if "being accessed by other users" not in error.cause or attempt == _RECONNECTIONS:
                    raise
            else:
                return

    def rows(self, database: str, tables: Iterable[str]) -> dict[str, int]:
        """Count rows by table, named as pg_dump does; a partitioned table with its partitions' rows."""
        names = literal(json.dumps(list(tables), ensure_ascii=False))
        text = self.select(_COUNT.format(names=names), database, seconds=WEEK)
        return dict(json.loads(line) for line in text.splitlines())

    def of_extensions(self, database: str, tables: Iterable[str]) -> frozenset[str]:
        """Return which of these tables belong to an extension, which may put rows of its own there."""
        names = literal(json.dumps(list(tables), ensure_ascii=False))
        return frozenset(self.select(_OF_EXTENSIONS.format(names=names), database).splitlines())

    def select(self, sql: str, database: str = _MAINTENANCE, seconds: float = _SHORT) -> str:
        """Run SQL and return the rows, without the last line's end."""
        ended = process.run(
            self._psql(database),
            step="PostgreSQL",
            deadline=Deadline(seconds),
            message=_ENGLISH + sql.encode("utf-8", "surrogateescape"),
            environment=self._environment,
            user=self._user,
        )
        if ended.status != 0:
            _failed("PostgreSQL", ended, first_line=1)
        return ended.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")

    def _names(self, catalogue: str, column: str) -> list[str]:
        found: list[str] = json.loads(self.select(f"SELECT coalesce(json_agg({column}), '[]') FROM {catalogue}"))  # noqa: S608
        return found

    def _drop_abandoned(self) -> None:
        for name in self.databases():
            if is_abandoned(name):
                self._drop(name)

    def _drop(self, name: str) -> None:
        """Drop a database if it is there, also while the program is being stopped."""
        sql = _DROP.format(name=literal(name), identifier=identifier(name), maintenance=_MAINTENANCE)
        try:
            ended = subprocess.run(
                self._psql(_MAINTENANCE),
                input=_ENGLISH + sql.encode(),
                capture_output=True,
                timeout=_CHECKPOINT,
                env={**os.environ, "LC_ALL": "C", **self._environment},
                check=False,
                start_new_session=True,
                **process.identity(self._user),
            )
            if ended.returncode != 0:
                stderr = ended.stderr.decode("utf-8", "replace").splitlines()
                _failed("drop", process.Finished(ended.returncode, b"", tuple(stderr)), first_line=1)
        except DatabaseError as error:
            cause, mend = error.cause, error.mend
        except OSError as error:
            cause, mend = f"psql cannot be started: {error.strerror}", ""
        except subprocess.TimeoutExpired:
            cause, mend = "psql did not end in time", ""
        else:
            return
        self.left.append(name)
        mend = mend or "drop it by hand"
        say_error(
            f"database {name} could not be dropped: {cause}; {mend}; the next restore or verify here tries it, too"
        )

    def _psql(self, database: str) -> list[str]:
        # A bare name is not safe: `-d a=b` is a connection string. With -f, errors have line numbers.
        name = re.sub(r"(['\\])", r"\\\1", database)
        conninfo = f"dbname='{name}' client_encoding=UTF8 options='{_SETTINGS}'"
        return ["psql", "-X", "-w", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-", "-d", conninfo]


def literal(text: str) -> str:
    """Quote a string for SQL, regardless of standard_conforming_strings."""
    quoted = text.replace("'", "''").replace("\\", "\\\\")
    return f" E'{quoted}'" if "\\" in quoted else f"'{quoted}'"


def identifier(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def _opening(database: str) -> str:
    return f"GRANT CONNECT, TEMPORARY ON DATABASE {identifier(database)} TO PUBLIC;"


def _renaming(old: str, new: str) -> str:
    return _RENAME.format(literal=literal(old), old=identifier(old), new=identifier(new))


def shortened(name: str, suffix: str) -> str:
    """Return a database's name with ``suffix``, cut to what PostgreSQL keeps of a name."""
    return name.encode()[: LENGTH - len(suffix)].decode("utf-8", "ignore") + suffix


def _failed(step: str, ended: process.Finished, first_line: int) -> NoReturn:
    """Raise psql's error; ``first_line``: lines before the script's own."""
    said = next((line for line in reversed(ended.stderr) if _ERROR.match(line)), "")
    said = said or f"psql ended with status {ended.status}"
    said = re.sub(r"^psql:<stdin>:(\d+): ", lambda found: f"line {int(found[1]) - first_line}: ", said)
    raise DatabaseError(step, said.removeprefix("psql: ").removeprefix("error: "), _mend(said))


def _mend(said: str) -> str:
    if "could not connect" in said or "connection to server" in said:
        return "is it running, and may this user connect? PGHOST, PGPORT, PGUSER and PGPASSFILE say where and as whom"
    if found := re.search(r'extension "[^"]+" is not available', said):
        return f"install the extension on this server: {found[0]}"
    # Or by a prepared transaction; the sessions of a superuser are ended by a superuser alone.
    if "can only create extension in database" in said:  # as pg_cron
        return "this cannot be restored under another name; docs/restore.md says how, with --to FILE"
    if "is being accessed by other users" in said or re.search("to terminate|being terminated", said):
        return _IN_THE_WAY
    if "out of shared memory" in said:  # one transaction locks each table, index and large object
        return "raise max_locks_per_transaction of this server, such as to 1024, and restart it"
    if "unrecognized configuration parameter" in said:
        return "the dump may be by a pg_dump that is newer than this server; install that PostgreSQL, or use --to FILE"
    if "backslash commands are restricted" in said:
        return "the dump contains a command for psql; look at it with --to FILE"
    return ""
