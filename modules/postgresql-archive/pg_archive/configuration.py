"""The host's configuration: one JSON file without secrets, written by the NixOS module; flags go before it.

On a blank machine there is none: then flags say everything (:meth:`Configuration.with_flags`). All keys but
``databases.<name>.dump`` for archiving have defaults::

    {
      "rcloneConfigFile": "/run/secrets/rclone.conf",
      "remote": "archive-target-database",        (one remote, a union expanded; or:)
      "targets": {"wasabi": {"remote": "wasabi:bucket/databases", "verify": "download", "timeout": 1800,
                             "retention": {"last": 48, "daily": 14, "floor": 3},
                             "objectLock": {"mode": "COMPLIANCE", "days": 30}}},
      "timeout": 1800, "retention": null, "objectLock": null,   (of targets that do not say)
      "databases": {"db1": {"dump": "/var/backup/postgresql/db1.sql.gz", "compression": "gzip",
                            "passphraseFile": "/run/secrets/keys/db1", "recipients": [], "targets": null}},
      "spool": {"directory": "/var/lib/pg-archive", "files": 3, "bytes": 10000000000},
      "timeLimit": 3000, "metricsDirectory": null, "pingUrlFile": null, "minimumPassphraseLength": 16,
      "postgresqlPort": 5432
    }
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pg_archive.errors import ConfigurationError
from pg_archive.names import SUFFIXES, check_database
from pg_archive.reader import Reader
from pg_archive.recipients import check_recipients

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEFAULT_FILE = Path("/etc/pg-archive/config.json")
VERIFICATIONS = ("download", "checksum")
LOCK_MODES = ("GOVERNANCE", "COMPLIANCE")


@dataclass(frozen=True)
class Retention:
    """How many archives to keep, as restic's ``--keep-…``; never fewer than ``floor`` verified ones."""

    last: int = 0
    hourly: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0
    floor: int = 3

    @classmethod
    def read(cls, reader: Reader) -> Retention:
        """Read it.

        Raises:
            ConfigurationError: it would keep nothing.
        """
        names = ("last", "hourly", "daily", "weekly", "monthly")
        counts = {name: reader.integer(name, 0, minimum=0) for name in names}
        if not any(counts.values()):
            raise ConfigurationError(reader.path, "keeps nothing", f"set one of {', '.join(names)}")
        retention = cls(**counts, floor=reader.integer("floor", 3, minimum=1))
        reader.end()
        return retention


@dataclass(frozen=True)
class ObjectLock:
    """How long the store must refuse to delete or change an archive."""

    mode: str
    days: int

    @classmethod
    def read(cls, reader: Reader) -> ObjectLock:
        """Read it."""
        lock = cls(reader.choice("mode", LOCK_MODES, "GOVERNANCE"), reader.integer("days", None, minimum=1))
        reader.end()
        return lock


@dataclass(frozen=True)
class TargetOptions:
    """How to treat a target; ``timeout`` in seconds is for what a run delivers there, then for what it deletes."""

    verify: str = "download"
    timeout: float = 1800.0
    retention: Retention | None = None
    object_lock: ObjectLock | None = None

    def read(self, reader: Reader) -> TargetOptions:
        """Read what may be said of all targets, too; the rest stays as it is here."""
        return replace(
            self,
            timeout=reader.number("timeout", self.timeout, minimum=1),
            retention=reader.optional("retention", Retention.read, self.retention),
            object_lock=reader.optional("objectLock", ObjectLock.read, self.object_lock),
        )


@dataclass(frozen=True)
class TargetEntry:
    """A target as configured: an rclone remote (``name:path``) and its options."""

    remote: str
    options: TargetOptions


@dataclass(frozen=True)
class Database:
    """One database and its archives."""

    name: str
    dump: Path | None = None
    """The dump that services.postgresqlBackup leaves."""
    compression: str = "gzip"
    passphrase_file: Path | None = None
    recipients: tuple[str, ...] = ()
    """Of age, instead of a passphrase."""
    identity: Path | None = None
    """The file that opens what was encrypted to them: from the command line only."""
    targets: tuple[str, ...] | None = None
    """Names of targets; None: all."""

    @property
    def prefix(self) -> str:
        """Of object names below each target."""
        return f"{self.name}/"

    @classmethod
    def read(cls, name: str, reader: Reader) -> Database:
        """Read it.

        Raises:
            ConfigurationError: a value is wrong.
        """
        targets = reader.strings("targets")
        database = cls(
            name=check_database(name),
            dump=reader.file("dump"),
            compression=reader.choice("compression", tuple(SUFFIXES), "gzip"),
            passphrase_file=reader.file("passphraseFile"),
            recipients=reader.strings("recipients") or (),
            targets=targets,
        )
        reader.end()
        check_recipients(database.recipients, f"{reader.path}.recipients")
        if database.passphrase_file and database.recipients:
            raise ConfigurationError(f"{reader.path}.recipients", "and passphraseFile are both set", "keep one of them")
        return database


@dataclass(frozen=True)
class Spool:
    """Where ciphertext waits for targets that were down, at most ``files`` per database and ``size`` bytes in all."""

    directory: Path
    files: int
    size: int
    databases: frozenset[str] = frozenset()
    """Whose archives may wait there: those that are configured."""

    @classmethod
    def read(cls, reader: Reader, databases: Iterable[str]) -> Spool:
        """Read it."""
        directory = reader.file("directory")
        if directory is None:
            raise ConfigurationError(f"{reader.path}.directory", "is missing", "name a directory of this user")
        files, size = (reader.integer(key, None, minimum=1) for key in ("files", "bytes"))
        reader.end()
        return cls(directory, files, size, frozenset(databases))


@dataclass(frozen=True)
class Configuration:
    """Everything that this program can be told about a host."""

    rclone_config: Path | None = None
    remote: str | None = None
    targets: Mapping[str, TargetEntry] = field(default_factory=dict)
    options: TargetOptions = field(default_factory=TargetOptions)
    """Of the targets that ``remote`` means."""
    databases: Mapping[str, Database] = field(default_factory=dict)
    spool: Spool | None = None
    time_limit: float = 3000.0
    """Seconds for a whole run; less than the schedule's interval."""
    metrics_directory: Path | None = None
    ping_url_file: Path | None = None
    minimum_passphrase_length: int = 16
    postgresql_port: int = 0
    """Of this host's server; 0: psql's own default."""
    passphrase_file: Path | None = None
    """Of databases that are not configured: from the command line, as ``identity``."""
    identity: Path | None = None
    elsewhere: bool = False
    """Whether ``remote`` is from the command line."""

    @classmethod
    def load(cls, file: Path | None = None) -> Configuration:
        """Read ``file``, by default :data:`DEFAULT_FILE` if that exists.

        Raises:
            ConfigurationError: it cannot be read or is wrong; the sentence names the JSON path and the mend.
        """
        if file is None and not DEFAULT_FILE.exists():
            return cls()
        file = file or DEFAULT_FILE
        try:
            document = json.loads(file.read_text("utf-8"))
        except OSError as error:
            raise ConfigurationError(str(file), f"cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise ConfigurationError(str(file), f"is not JSON: {error}") from None
        return cls.read(Reader(f"{file}:", document))

    @classmethod
    def read(cls, reader: Reader) -> Configuration:
        """Read it. Raises what :meth:`load` raises."""
        options = TargetOptions().read(reader)

        def target(_: str, entry: Reader) -> TargetEntry:
            remote = entry.text("remote", None)
            verify = entry.choice("verify", VERIFICATIONS, options.verify)
            found = TargetEntry(remote, replace(options.read(entry), verify=verify))
            entry.end()
            return found

        databases = reader.mapping("databases", Database.read)
        configuration = cls(
            rclone_config=reader.file("rcloneConfigFile"),
            remote=reader.text("remote", "") or None,
            targets=reader.mapping("targets", target),
            options=options,
            databases=databases,
            spool=reader.optional("spool", lambda entry: Spool.read(entry, databases), None),
            time_limit=reader.number("timeLimit", 3000.0, minimum=1),
            metrics_directory=reader.file("metricsDirectory"),
            ping_url_file=reader.file("pingUrlFile"),
            minimum_passphrase_length=reader.integer("minimumPassphraseLength", 16, minimum=1),
            postgresql_port=reader.integer("postgresqlPort", 0, minimum=0),
        )
        reader.end()
        if configuration.remote and configuration.targets:
            raise ConfigurationError(f"{reader.path}remote", "and targets are both set", "keep one of them")
        for database in configuration.databases.values():
            for name in database.targets or ():
                if configuration.targets and name not in configuration.targets:
                    where = f"{reader.path}databases.{database.name}.targets"
                    raise ConfigurationError(where, f"names {name!r}", f"there are {', '.join(configuration.targets)}")
        return configuration

    def with_flags(
        self,
        *,
        rclone_config: Path | None = None,
        remote: str | None = None,
        passphrase_file: Path | None = None,
        identity: Path | None = None,
    ) -> Configuration:
        """Return it with what the command line says; ``remote`` replaces all targets, a key that of every database.

        Nothing waits for a ``remote`` by hand, and what waits for the targets goes on waiting.
        """
        changed = self
        if rclone_config is not None:
            changed = replace(changed, rclone_config=rclone_config)
        if remote is not None:
            databases = {name: replace(each, targets=None) for name, each in changed.databases.items()}
            changed = replace(changed, remote=remote, targets={}, databases=databases, spool=None, elsewhere=True)
        if passphrase_file is not None:
            databases = {
                name: replace(each, passphrase_file=passphrase_file) for name, each in changed.databases.items()
            }
            changed = replace(changed, databases=databases, passphrase_file=passphrase_file)
        if identity is not None:
            databases = {name: replace(each, identity=identity) for name, each in changed.databases.items()}
            changed = replace(changed, databases=databases, identity=identity)
        return changed

    def database(self, name: str) -> Database:
        """Return a database; on a machine without configuration any, and where flags name a remote and a key.

        Raises:
            ConfigurationError: it is not configured, or its name cannot be.
        """
        if name in self.databases:
            return self.databases[name]
        if self.databases and not (self.elsewhere and (self.passphrase_file or self.identity)):
            names = ", ".join(sorted(self.databases))
            mend = f"there are {names}; for another give --remote, and --passphrase-file or --identity"
            raise ConfigurationError(f"database {name!r}", "is not configured on this host", mend)
        check_database(name)
        return Database(name, passphrase_file=self.passphrase_file, identity=self.identity)
