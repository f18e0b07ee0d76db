"""The fingerprints of a machine's databases, which archives are compared with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from harness.database.fingerprint import Fingerprint, fingerprint
from harness.database.psql import Psql
from harness.database.readiness import await_databases

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.machine.machine import Machine

_FILE = "sources.json"


class Sources:
    """Fingerprints by database, each taken on first use and again after each boot of the machine.

    A boot may follow a power cut, and recovery correctly empties unlogged tables and advances sequences (PostgreSQL's
    documentation, CREATE TABLE and CREATE SEQUENCE): the earlier state must not be expected of a later backup.
    ``known`` are those of the current boot.
    """

    def __init__(self, machine: Machine, *, super_user: str, known: Mapping[str, Fingerprint] | None = None) -> None:
        self._machine = machine
        self._psql = Psql(machine, user=super_user)
        self._known = dict(known or {})
        self._boot = machine.boot_id

    def of(self, database: str) -> Fingerprint:
        """Return the database's fingerprint. Raises GateError if PostgreSQL does not serve it or it cannot be read."""
        if self._machine.boot_id != self._boot:
            self._known.clear()
            self._boot = self._machine.boot_id
        if database not in self._known:
            await_databases(self._psql, [database])
            self._known[database] = fingerprint(self._psql, database)
        return self._known[database]

    def write(self, directory: Path) -> None:
        """Write the known ones into a directory, for ``read_sources``."""
        data = {database: known.to_json() for database, known in self._known.items()}
        (directory / _FILE).write_text(json.dumps(data))


def read_sources(directory: Path) -> dict[str, Fingerprint]:
    """Read what ``Sources.write`` wrote into a directory."""
    data = json.loads((directory / _FILE).read_text())
    return {database: Fingerprint.from_json(entry) for database, entry in data.items()}
