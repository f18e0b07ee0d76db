"""An archive: one encrypted object in one store."""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from harness.archive.content import Content, content
from harness.archive.errors import NotDecrypted, WrongPassphrase
from harness.archive.packets import Packets, inspect

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

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
    _form: Format = field(repr=False, compare=False)
    _download: Callable[[str, IO[bytes]], None] = field(repr=False, compare=False)

    @property
    def objects(self) -> tuple[StoredObject, ...]:
        """It and what lies beside it."""
        return (self.object, *self.companions)

    @property
    def key(self) -> str:
        """The object's key."""
        return self.object.key

    def fetch(self) -> bytes:
        """Return its bytes as the store has them now. Raises StoreError if they cannot be fetched."""
        file = io.BytesIO()
        self.write(file)
        return file.getvalue()

    def write(self, file: IO[bytes]) -> None:
        """Write its bytes into a file. Raises what ``fetch`` raises."""
        self._download(self.key, file)

    def packets(self) -> Packets:
        """Return how it is encrypted. Raises ArchiveError if it is not an OpenPGP message."""
        with self._content() as message:
            return inspect(message.file, limit=self._form.limit)

    def opens(self, key: str) -> bool:
        """Whether ``key``, the passphrase or what replaces it at the site, decrypts it."""
        try:
            with self._content() as message, tempfile.TemporaryFile() as plaintext:
                self._form.decrypt(message.file, key, plaintext)
        except (WrongPassphrase, NotDecrypted):
            return False
        return True

    def _content(self) -> AbstractContextManager[Content]:
        return content(self.write)
