"""Archives that are no objects: dumps in a repository, which the site's own program lists and brings."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, ClassVar

from harness.archive.errors import ArchiveError
from harness.archive.program import retrieved_by
from harness.store.rclone_config import UNION, ReadOnly, render

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.machine.machine import Machine
    from harness.store.store import Store, StoredObject


class Repository:
    """What one database has in one store, as ``program`` (``gate.archives.<database>.retrieve``) reads it in the guest.

    It gets a key of the store's that can only read, and that no fault meets. ``note`` takes what belongs on the trial's
    timeline, and the store's name.
    """

    def __init__(
        self, store: Store, program: str, key: str, *, machine: Machine, note: Callable[[str, str], None], limit: float
    ) -> None:
        self._store = store
        self._program = program
        self._key = key
        self._machine = machine
        self._note = note
        self._limit = limit
        self._listed: set[str] = set()
        self._digests: dict[str, str] = {}

    def names(self) -> list[str]:
        """Return the dumps' names, as the program orders them; none if it cannot list them, which the timeline says.

        Raises:
            StoreError: the store cannot be reached.
            LimitMet: the program takes too long.
        """
        if not self._store.objects():  # a store with nothing in it need not be asked
            return []
        try:
            said = self._ask(self._key)
        except ArchiveError as error:
            self._note(f"no archive can be listed: {error}", self._store.name)
            return []
        return said.decode(errors="replace").split()

    def new(self) -> list[str]:
        """Return the names that it has not returned before, none while the store is down. Raises as ``names``."""
        found = [name for name in self.names() if name not in self._listed] if self._store.reachable else []
        self._listed.update(found)
        return found

    def bring(self, name: str, key: str | None = None) -> bytes:
        """Return a dump, by the database's own key or another one.

        Raises:
            NotRetrieved: the program cannot bring it.
            StoreError: the store cannot be reached.
            LimitMet: it takes too long.
        """
        dump = self._ask(key or self._key, name)
        self._digests.setdefault(name, hashlib.sha256(dump).hexdigest())
        return dump

    def lost(self, name: str) -> str:
        """Say what has become of a dump since it was first brought, "" if nothing.

        Raises:
            StoreError: the store cannot be reached.
            LimitMet: it takes too long.
        """
        try:
            dump = self.bring(name)
        except ArchiveError as error:
            return f"no longer brings the dump {name}: {error}"
        return "" if hashlib.sha256(dump).hexdigest() == self._digests[name] else f"brings another dump as {name}"

    def _ask(self, key: str, dump: str | None = None) -> bytes:
        readable = ReadOnly(self._store.name, self._store.url, self._store.bucket, self._store.reader)
        try:
            return retrieved_by(
                self._machine,
                self._program,
                configuration=render([readable]),
                remote=UNION,
                key=key,
                dump=dump,
                limit=self._limit,
            )
        except ArchiveError:
            self._store.objects()  # raises, if it is the store that has failed and not the program
            raise


@dataclass(frozen=True)
class RetrievedArchive:
    """A run's dump in a repository, named as the site's program names it; the content is fetched on demand."""

    store: str
    key: str
    objects: tuple[StoredObject, ...]
    """The store's new objects, of which the repository is made."""
    _repository: Repository = field(repr=False, compare=False)
    companions: ClassVar[tuple[StoredObject, ...]] = ()
    """Nothing lies beside it."""
    missing: ClassVar[tuple[str, ...]] = ()
    """Nothing need lie beside it."""

    def write(self, file: IO[bytes]) -> None:
        """Write the dump into a file. Raises what :meth:`Repository.bring` raises."""
        file.write(self._repository.bring(self.key))

    def opens(self, key: str) -> bool:
        """Whether the repository gives it out for ``key``, the passphrase or what replaces it at the site."""
        try:
            self._repository.bring(self.key, key)
        except ArchiveError:
            return False
        return True

    def lost(self) -> str:
        """Say what has become of it, "" if nothing; see :meth:`Repository.lost`."""
        return self._repository.lost(self.key)
