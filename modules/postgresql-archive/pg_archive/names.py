"""Names of archives: ``<database>_20261122T101503Z.sql.gz.enc``, in UTC, so that they sort by time.

They end with ``.age`` if encrypted to recipients. Beside each lies its manifest, ``….enc.manifest``; an upload that is
not atomic goes to ``….enc.partial`` first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pg_archive.errors import ConfigurationError

SUFFIXES = {"none": "", "gzip": ".gz", "zstd": ".zstd"}
"""What services.postgresqlBackup appends to ``.sql``, by its name of the compression."""
OPENPGP, AGE = ".enc", ".age"
"""What names end with, by what encrypts."""
MANIFEST = ".manifest"
PARTIAL = ".partial"
_STAMP = "%Y%m%dT%H%M%SZ"
_AHEAD = timedelta(days=1)
_TOLERANCE = timedelta(hours=1)


def check_database(name: str) -> str:
    """Return ``name``.

    Raises:
        ConfigurationError: it cannot be part of a path or of an object's name.
    """
    if not name or name in {".", ".."} or "/" in name or not name.isprintable():
        cause = (
            "a database's name becomes a file's: it must not be empty, '.' or '..', or have '/' or control characters"
        )
        raise ConfigurationError(f"database {name!r}", cause, "rename the database")
    return name


@dataclass(frozen=True, order=True)
class ArchiveName:
    """An archive's name; they sort by database and time."""

    database: str
    taken: datetime
    """UTC, to the second."""
    suffix: str
    """What comes between ``.sql`` and the ending: ``.gz``, ``.zstd`` or nothing."""
    ending: str = OPENPGP

    def __str__(self) -> str:
        return f"{self.database}_{self.taken.strftime(_STAMP)}.sql{self.suffix}{self.ending}"

    @property
    def manifest(self) -> str:
        """The name of its manifest."""
        return f"{self}{MANIFEST}"

    @property
    def compression(self) -> str:
        """``none``, ``gzip`` or ``zstd``."""
        return next(name for name, suffix in SUFFIXES.items() if suffix == self.suffix)

    @classmethod
    def parse(cls, name: str, database: str) -> ArchiveName | None:
        """Return what ``name`` (without directory) says, None if it names no archive of exactly this database."""
        match = re.fullmatch(rf"{re.escape(database)}_([0-9]{{8}}T[0-9]{{6}}Z)\.sql(|\.gz|\.zstd)(\.enc|\.age)", name)
        if match is None:
            return None
        try:
            taken = datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)
        except ValueError:
            return None
        return cls(database, taken, match[2], match[3])


def is_ahead(time: datetime) -> bool:
    """Whether it is further in the future than clocks differ: the clock that said it was wrong, or this host's is."""
    return time > datetime.now(UTC) + _TOLERANCE


def new_name(
    database: str, compression: str, now: datetime, existing: Iterable[ArchiveName], ending: str = OPENPGP
) -> ArchiveName:
    """Return a name for an archive made ``now`` that sorts behind every existing one and collides with none.

    Two runs in one second, or a clock that was set back by up to a day, get the second behind the newest name: the
    manifest has the clock's time. Names further in the future are only avoided.
    """
    seconds = {name.taken for name in existing}
    taken = now.astimezone(UTC).replace(microsecond=0)
    newest = max((second for second in seconds if second <= taken + _AHEAD), default=None)
    if newest is not None and newest >= taken:
        taken = newest + timedelta(seconds=1)
    while taken in seconds:
        taken += timedelta(seconds=1)
    return ArchiveName(database, taken, SUFFIXES[compression], ending)
