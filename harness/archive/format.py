"""How a site's archives are made, as far as the oracle has to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.archive.decryption import decrypt

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Format:
    """By default what modules/ make: OpenPGP messages, named after their database and time."""

    decrypt: Callable[[bytes, str], bytes] = decrypt
    """From a message and the secret that opens it to the dump; raises ArchiveError if it cannot."""
    openpgp: bool = True
    """Whether a message's packets must say that it is encrypted as it should be."""
    named: bool = True
    """Whether an object's name must be an :class:`~harness.archive.names.ArchiveName`."""
