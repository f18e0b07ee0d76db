"""The fingerprints of a machine's databases: what their archives are compared with."""

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
    """Fingerprints by database, each taken when first asked for and again after the machine has booted.

    A boot may follow a power cut, and recovery empties unlogged tables and moves sequences on, rightly (PostgreSQL's
    documentation, CREATE TABLE and CREATE SEQUENCE): what was true before must not be asked of a backup made after.
    ``known`` are those of the present boot.
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
        """Write those that are known into a directory, for ``read_sources``."""
        data = {database: known.to_json() for database, known in self._known.items()}
        (directory / _FILE).write_text(json.dumps(data))


def read_sources(directory: Path) -> dict[str, Fingerprint]:
    """Read what ``Sources.write`` wrote into a directory."""
    data = json.loads((directory / _FILE).read_text())
    return {database: Fingerprint.from_json(entry) for database, entry in data.items()}
