"""What can be wrong with an archive, each named for what an operator would say of it."""

from __future__ import annotations

from harness.errors import GateError


class ArchiveError(GateError):
    """An archive is not what it should be."""


class BadArchiveName(ArchiveError):
    """An object's key is not an archive's name."""


class NotEncrypted(ArchiveError):
    """The bytes are no encrypted OpenPGP message."""


class WrongPassphrase(ArchiveError):
    """The passphrase does not fit."""


class CorruptArchive(ArchiveError):
    """The message is truncated, altered, or not OpenPGP at all."""


class DecryptionDisagreement(ArchiveError):
    """Two implementations of OpenPGP make different things of the same message."""


class RestoreFailed(ArchiveError):
    """PostgreSQL does not take the dump; the sentence holds its first error line."""


class NotDecrypted(ArchiveError):
    """The site's own program does not decrypt it, for whatever reason."""
