"""Another machine, which has never seen the site: there the module's own restore is judged."""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from harness.database.fingerprint import fingerprint
from harness.database.psql import DatabaseError, Psql, identifier
from harness.store.rclone_config import UNION
from harness.trial.places import Places

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.machine.machine import Machine
    from harness.site.site import Site
    from harness.trial.backup_run import BackupRun
    from harness.trial.findings import Findings

_HOME = "/root/restore"
_CONFIGURATION = f"{_HOME}/rclone.conf"
_LOCALE = {"collation", "character type", "locale provider", "locale", "collation rules"}  # harness/database/catalogue


@dataclass(frozen=True)
class Restored:
    """What became of one restore."""

    database: str
    into: str
    """The new database's name."""
    succeeded: bool
    said: str
    """What the program printed."""


class Elsewhere:
    """The machine, with what an operator has kept of the site: rclone's configuration, the keys, the program.

    PostgreSQL is empty there. ``source`` is the site's own server, whose limit holds for this one too.
    """

    def __init__(self, machine: Machine, *, site: Site, source: Psql, findings: Findings) -> None:
        self.machine = machine
        self._site = site
        self._source = source
        self._findings = findings
        self._psql = Psql(machine, limit=source.limit)
        self._restores = 0
        self._dumps: dict[str, list[bytes]] = {}
        retrieved = any(archive.retrieve for archive in site.archives.values())
        self._places = Places(machine, (), caches=not retrieved)

    def bring(self, secrets: Mapping[str, bytes]) -> None:
        """Bring the secrets, by their paths at the site."""
        for secret in self._site.secrets:
            file = f"{_HOME}/{secret.database}" if secret.database else _CONFIGURATION
            self.machine.push(secrets[secret.path], file, mode=0o600)

    def restore(self, database: str, *, only: str = "", or_older: bool = False) -> Restored:
        """Restore the newest archive, from the store ``only`` or whichever, into a database of its own.

        If the program refuses and names roles that this server lacks, they are made and it is run again.

        Raises:
            AssertionError: it leaves a file that may be a dump or an archive, another database, or having failed a
                database that is not empty, which would be taken for all of it.
            DeadlinePassed: it does not end within three times psql's limit.
            MachineError: it cannot be run.
        """
        assert self._site.restore, "a scenario about a promise is skipped where it is not made"
        self._restores += 1
        into = f"{database}_{self._restores}"
        remote = f"{UNION}-{only}" if only and len(self._site.stores) > 1 else self._site.rclone_remote
        key = f"{_HOME}/{database}"
        command = [self._site.restore, database, into, _CONFIGURATION, remote, key, *(["--or-older"] * or_older)]
        files, databases = self._places.files(), self._psql.databases()
        with self._findings.timed(f"{database} is restored on another machine{f', from {only} alone' * bool(only)}"):
            ended = self.machine.run(command, timeout=3 * self._psql.limit)
            said = (ended.stderr + ended.stdout).decode(errors="replace")
            if ended.status and (named := [role for role in self._missing_roles() if identifier(role) in said]):
                self._psql.run("".join(f"CREATE ROLE {identifier(role)};" for role in named))
                ended = self.machine.run(command, timeout=3 * self._psql.limit)
                said = (ended.stderr + ended.stdout).decode(errors="replace")
        left = sorted(self._places.files() - files)
        left += [
            f"the database {name}"
            for name in self._psql.databases()
            if name not in databases and (name != into if ended.status == 0 else self._is_filled(name))
        ]
        how = "failed" if ended.status else "succeeded"
        assert not left, f"the restore of {database} {how} and left {', '.join(left)}:\n{said}"
        return Restored(database, into, ended.status == 0, said)

    def differences(self, run: BackupRun, restored: Restored) -> list[str]:
        """Compare a restored database with what was backed up: its meaning, its files, and what pg_dump makes of it.

        The meaning is the oracle's; the files are checked by pg_amcheck, with all heap tuples in each index. A dump of
        it must be, to the byte, that of a database into which psql has loaded a fresh dump of the source. It cannot be
        compared with the source's own: PostgreSQL writes expressions in another way once they have been restored. A
        dump of one database names its encoding, but carries no locale, which is the new server's.

        Raises:
            GateError: a database cannot be read.
        """
        with self._findings.timed(f"{restored.into} is compared with its source"):
            meant = run.observed.source.diff(fingerprint(self._psql, restored.into))
            found = [str(each) for each in meant if each.path != "database" or each.aspect not in _LOCALE]
            return [*found, *self._by_dump(run, restored.into), *self._damages(restored.into)]

    def _is_filled(self, database: str) -> bool:
        """Whether a database has more in it than an empty one."""
        empty = f"{database}_empty"
        self._psql.create(empty, like=database)
        try:
            return bool(fingerprint(self._psql, empty).diff(fingerprint(self._psql, database)))
        finally:
            self._psql.drop(empty)

    def _missing_roles(self) -> list[str]:
        every = "SELECT rolname FROM pg_roles ORDER BY rolname"
        there = self._psql.run(every).splitlines()
        return [role for role in self._source.run(every).splitlines() if role not in there]

    def _by_dump(self, run: BackupRun, restored: str) -> list[str]:
        expected = self._reloaded(run, like=restored)
        found = _dump(self._psql, restored).splitlines()
        for number, (here, there) in enumerate(zip_longest(expected, found, fillvalue=b""), start=1):
            if here != there:
                return [f"line {number} of a dump of it: {_text(there)} instead of {_text(here)}"]
        return []

    def _reloaded(self, run: BackupRun, *, like: str) -> list[bytes]:
        """Return the lines of a dump of what psql makes of a dump of the source, which is as it was at the run."""
        source = run.observed.source.digest
        if source not in self._dumps:
            scratch = f"{run.database}_by_psql"
            self._psql.create(scratch, like=like)
            try:
                self._psql.load(io.BytesIO(_dump(self._source, run.database)), scratch)
                self._dumps[source] = _dump(self._psql, scratch).splitlines()
            finally:
                self._psql.drop(scratch)
        return self._dumps[source]

    def _damages(self, restored: str) -> list[str]:
        check = _program(self._psql, "pg_amcheck")
        try:
            self._psql.call(check, "--install-missing", "--heapallindexed", restored, timeout=3 * self._psql.limit)
        except DatabaseError as error:
            return [f"pg_amcheck: {error}"]
        return []


def _dump(psql: Psql, database: str) -> bytes:
    r"""Return a dump without \restrict and its end, whose key is drawn for each."""
    dump = psql.call(_program(psql, "pg_dump"), "--no-owner", database, timeout=psql.limit)
    return b"".join(
        line for line in dump.splitlines(keepends=True) if not line.startswith((b"\\restrict", b"\\unrestrict"))
    )


def _program(psql: Psql, name: str) -> str:
    """Return where Debian has one of the server's own version; a kind of guest that is blank is a Debian."""
    return f"/usr/lib/postgresql/{psql.major}/bin/{name}"


def _text(line: bytes) -> str:
    return repr(line.decode("utf-8", "replace"))
