"""The fingerprints of a machine's databases, which archives are compared with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

from harness.database.fingerprint import Fingerprint, parse, read
from harness.database.psql import Psql
from harness.database.readiness import await_databases
from harness.database.shell import Shell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FILE = "sources.json"


class BootedShell(Shell, Protocol):
    """A machine, as far as it matters here."""

    @property
    def boot_id(self) -> str:
        """Another one after each boot; a thaw keeps it."""


class Sources:
    """Fingerprints by database, each taken on first use and again after each boot of the machine.

    A boot may follow a power cut, and recovery rightly empties unlogged tables and moves sequences on (PostgreSQL's
    documentation, CREATE TABLE and CREATE SEQUENCE): what was true before must not be asked of a backup made after.
    ``known`` is what ``read_sources`` returned, of the current boot, and ``limit`` is psql's.
    """

    def __init__(
        self,
        machine: BootedShell,
        *,
        super_user: str,
        known: Mapping[str, str] | None = None,
        limit: float = Psql.limit,
    ) -> None:
        self._machine = machine
        self._psql = Psql(machine, user=super_user, limit=limit)
        self._known = dict(known or {})
        self._boot = machine.boot_id

    def of(self, database: str) -> Fingerprint:
        """Return the database's fingerprint. Raises GateError if PostgreSQL does not serve it or it cannot be read."""
        self._forget_former_boots()
        if database not in self._known:
            await_databases(self._psql, [database])
            self._known[database] = read(self._psql, database)
        return parse(self._known[database])

    def forget(self, database: str) -> None:
        """Read the database again when it is asked for next: what it holds was changed."""
        self._known.pop(database, None)

    def forget_all(self) -> None:
        """Read all again: the server was killed, and recovers as after a power cut."""
        self._known.clear()

    def write(self, directory: Path) -> None:
        """Write those that are known into a directory: as they were read, so that a later version may parse them."""
        self._forget_former_boots()
        (directory / _FILE).write_text(json.dumps(self._known))

    def _forget_former_boots(self) -> None:
        if self._machine.boot_id != self._boot:
            self._known.clear()
            self._boot = self._machine.boot_id


def read_sources(directory: Path) -> dict[str, str]:
    """Return what ``Sources.write`` wrote into a directory."""
    known: dict[str, str] = json.loads((directory / _FILE).read_text())
    return known
