"""Object keys: ``<database>/<database>_<time>.sql.gz.enc``, the time in UTC as ``20261122T101503Z``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from harness.archive.errors import BadArchiveName

_STAMP = "%Y%m%dT%H%M%SZ"
_KEY = re.compile(
    r"(?:.*/)?(?P<directory>[^/]+)/(?P<database>[^/]+)_(?P<stamp>[0-9]{8}T[0-9]{6}Z)\.sql(?P<suffix>(?:\.gz|\.zstd?)?)\.enc",
    re.DOTALL,
)


@dataclass(frozen=True)
class ArchiveName:
    """One archive by name."""

    database: str
    taken: datetime
    """When it was encrypted, UTC, to the second."""
    key: str
    """The whole key, with any prefix before the database's directory."""

    @classmethod
    def parse(cls, key: str) -> ArchiveName:
        """Parse a key.

        Raises:
            BadArchiveName: it is not of this form, or directory and file name different databases.
        """
        match = _KEY.fullmatch(key)
        try:
            taken = datetime.strptime(match["stamp"], _STAMP).replace(tzinfo=UTC) if match else None
        except ValueError:
            taken = None
        if match is None or taken is None:
            message = f"object {key!r} is not an archive name: DATABASE/DATABASE_YYYYMMDDTHHMMSSZ.sql.gz.enc"
            raise BadArchiveName(message)
        if match["directory"] != match["database"]:
            message = f"object {key!r} is an archive of {match['database']} in the directory of {match['directory']}"
            raise BadArchiveName(message)
        return cls(match["database"], taken, key)
