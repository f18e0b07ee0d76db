"""What fills a database, identified by its digest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from harness.database.psql import DatabaseError
from harness.errors import GateError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.database.psql import Psql

_TABLES = """
SELECT count(*) FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND c.oid >= 16384
    AND NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
"""


class DatasetError(GateError):
    """A dataset cannot be read or loaded; the message names the file and the problem."""


class Dataset(ABC):
    """``digest`` is SHA-256, hex, of all that it is; ``size`` how many bytes of SQL it is, roughly if it must be.

    ``majors`` are the major versions of PostgreSQL that it is from, if it says so.
    """

    def __init__(self, name: str, *, digest: str, size: int, majors: Sequence[int] = ()) -> None:
        self.name = name
        self.digest = digest
        self.size = size
        self._majors = majors

    def load(self, psql: Psql, database: str) -> list[str]:
        """Load it into an empty database; return the roles created for it.

        Raises:
            DatasetError: it is of a newer PostgreSQL, does not load (the message has the place and PostgreSQL's error),
                or brings no table.
            LimitMet: it takes too long, or the machine is too small.
        """
        if self._majors and (newest := max(self._majors)) > (here := psql.major):
            raise DatasetError(
                f"dataset {self.name} is a dump by PostgreSQL {newest}, and the guest has {here}, which does not read "
                f"it: --gate-release trixie has 17, and a NixOS site has what services.postgresql.package says"
            )
        try:
            created = self._load(psql, database)
        except DatabaseError as error:
            message = f"dataset {self.name} does not load: {error}; it must load into an empty database as a superuser"
            raise DatasetError(message) from None
        if psql.run(_TABLES, database).strip() == "0":
            raise DatasetError(f"dataset {self.name} is loaded, and {database} has no table: there is nothing to prove")
        return created

    @abstractmethod
    def _load(self, psql: Psql, database: str) -> list[str]:
        """Load it; return the roles created for it. Raises DatabaseError."""
