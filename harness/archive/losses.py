"""What a dump cannot bring back, and which option of pg_dump is why: differences that no uploading or storing made.

Facts: PostgreSQL's documentation of pg_dump, and tests/database/changes, where pg_dump itself is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from harness.database.difference import Difference
    from harness.database.fingerprint import Fingerprint

# Kinds of objects that an option leaves out altogether.
_LEFT_OUT = {
    "privileges on": "--no-privileges",
    "default privileges": "--no-privileges",
    "comment on": "--no-comments",
    "security label on": "--no-security-labels",
    "publication": "--no-publications",
    "subscription": "--no-subscriptions",
    "large object": "--no-blobs",
}
_SETTING_LEFT_OUT = {
    "tablespace": "--no-tablespaces",
    "access method": "--no-table-access-method",
    "compression": "--no-toast-compression",
}
_NO_OWNER = re.compile(rb"^-- Name: .*; Owner: -$", re.MULTILINE)
_HEAD = 1 << 20  # bytes of a dump, in which an entry is that has an owner


@dataclass(frozen=True)
class Losses:
    """Explains the differences between a source and what its dump, ``sql``, was restored to."""

    source: Fingerprint
    restored: Fingerprint
    no_owner: bool

    @classmethod
    def of(cls, source: Fingerprint, restored: Fingerprint, sql: IO[bytes]) -> Losses:
        """Look at the dump for the options that it was made with."""
        return cls(source, restored, no_owner=_NO_OWNER.search(sql.read(_HEAD)) is not None)

    def reason(self, difference: Difference) -> str | None:
        """Say why the dump lost it, and what keeps it; None if no option of pg_dump explains it."""
        explanations: Iterable[Callable[[Difference], str | None]] = (
            self._no_data,
            self._left_out,
            self._extension,
            self._owner,
        )
        return next((found for explain in explanations if (found := explain(difference))), None)

    def _left_out(self, difference: Difference) -> str | None:
        for kind, option in _LEFT_OUT.items():
            if difference.path.startswith(f"{kind} ") and not self._has(self.restored, kind):
                return _without(option)
        option = _SETTING_LEFT_OUT.get(difference.aspect or "", "")
        if option and not any(difference.aspect in aspects for aspects in self.restored.objects.values()):
            return _without(option)
        return None

    def _no_data(self, difference: Difference) -> str | None:
        large_object = difference.path.startswith("large object ") and difference.right is None
        if not large_object and (difference.aspect != "rows" or difference.right != 0):
            return None
        if self.restored.rows == 0 < self.source.rows:
            return _without("--schema-only")
        if large_object:
            return None
        if self.source.objects[difference.path].get("unlogged"):
            return _without("--no-unlogged-table-data")
        return None

    def _extension(self, difference: Difference) -> str | None:
        if difference.path.startswith("extension ") and difference.aspect == "version":
            return "no dump names the version of an extension: ALTER EXTENSION … UPDATE in the source, then back up"
        if difference.path.startswith("comment on extension ") and difference.left is None:
            return "no dump carries that an extension's comment was removed: give it one in the source"
        return None

    def _owner(self, difference: Difference) -> str | None:
        if self.no_owner and difference.path.startswith("privileges on "):
            return (
                "pg_dump --no-owner gives each object to the role that restores it, so that what its owner revoked or "
                "granted to itself comes back as another role's: leave --no-owner out of pgdumpOptions to keep it"
            )
        return None

    @staticmethod
    def _has(fingerprint: Fingerprint, kind: str) -> bool:
        return any(path.startswith(f"{kind} ") for path in fingerprint.objects)


def _without(option: str) -> str:
    return f"the dump has none, as if made with pg_dump {option}: leave that out of pgdumpOptions if it is there"
