"""What the stores and the machine hold at one moment, to be compared with another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.database.psql import DatabaseError, LimitMet
from harness.store.errors import NoSuchObject, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.database.psql import Psql
    from harness.machine.machine import Machine
    from harness.store.store import Store, StoredObject
    from harness.trial.places import Places


@dataclass(frozen=True)
class Snapshot:
    """One moment."""

    objects: Mapping[str, Mapping[StoredObject, str] | None]
    """By store: each object with its bytes' SHA-256, hex; None if a fault keeps the store from being reached."""
    files: frozenset[str]
    """The machine's files that a run may have left; see Places."""
    stayed: Mapping[str, str]
    """What is there of what may stay on the host, such as dumps and a spool: path → SHA-256, hex."""
    databases: frozenset[str] | None = None
    """The server's databases; None if it does not answer."""

    @staticmethod
    def take(
        machine: Machine, stores: Mapping[str, Store], *, places: Places, stays: Iterable[str], psql: Psql
    ) -> Snapshot:
        """Look now, at these places, at the files and directories where something ``stays``, and at the server.

        Raises:
            MachineError: the machine cannot be asked.
            StoreError: a store that has no such fault cannot be reached.
        """
        # What is missing is none; each line is a digest, two spaces, a path.
        digests = ["-type", "f", "-exec", "sha256sum", "--", "{}", "+"]
        found = machine.run(["find", "-H", *stays, *digests]).text if (stays := tuple(stays)) else ""
        lines = (line.split("  ", 1) for line in found.splitlines())
        return Snapshot(
            objects={name: _objects(store) for name, store in stores.items()},
            files=places.files(),
            stayed={path: digest for digest, path in lines},
            databases=_databases(psql),
        )


def _databases(psql: Psql) -> frozenset[str] | None:
    try:
        return frozenset(psql.databases())
    except (DatabaseError, LimitMet):
        return None


def _objects(store: Store) -> Mapping[StoredObject, str] | None:
    digests = {}
    try:
        for found in store.objects():
            try:
                digests[found] = store.digest(found.key)
            except NoSuchObject:
                if found in store.objects():
                    raise
                # a run under way has removed it since
    except StoreError:
        if store.reachable:
            raise
        return None
    return digests
