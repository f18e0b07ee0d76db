"""What fills a database: an SQL script, identified by its digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from harness.database.psql import DatabaseError
from harness.errors import GateError

if TYPE_CHECKING:
    from harness.database.psql import Psql


class DatasetError(GateError):
    """A dataset cannot be read or loaded; the message names the file and the problem."""


@dataclass(frozen=True)
class Dataset:
    """``script`` is what psql reads: SQL, COPY data and psql commands, UTF-8 unless it says otherwise."""

    name: str
    script: bytes = field(repr=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the script, hex: a cache key for whatever is made from it."""
        return hashlib.sha256(self.script).hexdigest()

    def load(self, psql: Psql, database: str, *, timeout: float = 900) -> None:
        """Run it in an empty database, within ``timeout`` seconds; psql's user owns everything.

        Raises:
            DatasetError: a statement fails; the message has the line and PostgreSQL's error.
        """
        try:
            psql.run(self.script, database, timeout=timeout)
        except DatabaseError as error:
            message = f"dataset {self.name} does not load: {error}; it must load into an empty database as a superuser"
            raise DatasetError(message) from None
