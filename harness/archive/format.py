"""How a site's archives are made, as far as the oracle needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from harness.archive.decryption import decrypt
from harness.archive.gnupg import LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Format:
    """By default as modules/ make them: OpenPGP messages, named after their database and time."""

    decrypt: Callable[[IO[bytes], str, IO[bytes]], frozenset[str]] = decrypt
    """Turns a message and its secret into the dump, from file to file; raises ArchiveError if it cannot.

    Returns the ciphers of an OpenPGP message's data, by gpg's names.
    """
    openpgp: bool = True
    """Whether to check a message's packets for proper encryption."""
    limit: float = LIMIT
    """Seconds for gpg to read a message."""
    retrieved: bool = False
    """Whether what is fetched is the dump itself, which the site's own program brings out of a repository."""
    place: str = ""
    """What an archive's key must begin with: the remote's path and the database's prefix there."""
    named: bool = True
    """Whether object names must be an :class:`~harness.archive.names.ArchiveName`."""
