"""What lies beside an archive in a store, such as a manifest: its key is the archive's and a suffix."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.store.store import StoredObject


def paired(objects: Sequence[StoredObject], suffixes: Sequence[str]) -> dict[StoredObject, list[StoredObject]]:
    """Return the archives among all of a store's objects, each with its companions, by the site's suffixes for these.

    What belongs to no archive is no companion, and returned as an archive, to be judged as one.
    """
    by_key = {found.key: found for found in objects}
    ends = tuple(suffixes)

    def is_companion(key: str) -> bool:
        owners = {key.removesuffix(suffix) for suffix in suffixes} - {key}
        return any(owner in by_key and not owner.endswith(ends) for owner in owners)

    return {
        found: [by_key[found.key + suffix] for suffix in suffixes if found.key + suffix in by_key]
        for found in objects
        if not is_companion(found.key)
    }
