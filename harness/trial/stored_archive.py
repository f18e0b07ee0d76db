"""An archive: one encrypted object in one store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.archive.errors import NotDecrypted, WrongPassphrase
from harness.archive.packets import Packets, inspect

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.archive.format import Format
    from harness.store.store import StoredObject


@dataclass(frozen=True)
class StoredArchive:
    """As listed; the content is fetched on demand. Two are equal if they were listed alike."""

    store: str
    object: StoredObject
    companions: tuple[StoredObject, ...]
    """What lies beside it and belongs to it."""
    missing: tuple[str, ...]
    """The keys of what must lie beside it, and does not."""
    form: Format = field(repr=False, compare=False)
    _fetch: Callable[[str], bytes] = field(repr=False, compare=False)

    @property
    def key(self) -> str:
        """The object's key."""
        return self.object.key

    def fetch(self) -> bytes:
        """Return its bytes as the store has them now. Raises StoreError if they cannot be fetched."""
        return self._fetch(self.key)

    def packets(self) -> Packets:
        """Return how it is encrypted. Raises ArchiveError if it is not an OpenPGP message."""
        return inspect(self.fetch())

    def opens(self, key: str) -> bool:
        """Whether ``key``, the passphrase or what replaces it at the site, decrypts it."""
        try:
            self.form.decrypt(self.fetch(), key)
        except (WrongPassphrase, NotDecrypted):
            return False
        return True
