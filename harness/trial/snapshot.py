"""What the stores and the machine hold at one moment, to be compared with another."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.machine.machine import Machine
    from harness.store.store import Store, StoredObject

PLACES = ("/var/backup", "/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - looked at, not written to
"""Where backups leave files, beside their own directories."""

_SERVERS = "/dev/shm/PostgreSQL."  # noqa: S108 - its shared memory, under another name after each start


@dataclass(frozen=True)
class Snapshot:
    """One moment."""

    objects: Mapping[str, Mapping[StoredObject, str] | None]
    """By store: each object with its bytes' SHA-256, hex; None if a fault keeps the store from being reached."""
    files: frozenset[str]
    """The machine's files in the places where backups leave some."""
    dumps: Mapping[str, str]
    """The local dumps that are there: path → SHA-256, hex."""

    @staticmethod
    def take(machine: Machine, stores: Mapping[str, Store], *, places: Iterable[str], dumps: Iterable[str]) -> Snapshot:
        """Look now; ``places`` are directories of the machine beside the usual ones, ``dumps`` files.

        Raises:
            MachineError: the machine cannot be asked.
            StoreError: a store that has no such fault cannot be reached.
        """
        # What is missing is none; each line is a digest, two spaces, a path.
        found = machine.run(["sha256sum", "--", *dumps]).text if (dumps := tuple(dumps)) else ""
        lines = (line.split("  ", 1) for line in found.splitlines())
        files = {path for path in machine.files(*dict.fromkeys((*PLACES, *places))) if not path.startswith(_SERVERS)}
        return Snapshot(
            objects={name: _objects(store) for name, store in stores.items()},
            files=frozenset(files),
            dumps={path: digest for digest, path in lines},
        )


def _objects(store: Store) -> Mapping[StoredObject, str] | None:
    try:
        return {found: hashlib.sha256(store.fetch(found.key)).hexdigest() for found in store.objects()}
    except StoreError:
        if store.reachable:
            raise
        return None
