"""What can be wrong with an archive, in an operator's words."""

from __future__ import annotations

from harness.errors import GateError


class ArchiveError(GateError):
    """An archive is not what it should be."""


class BadArchiveName(ArchiveError):
    """The object's key is not a valid archive name."""


class NotEncrypted(ArchiveError):
    """The bytes are not an encrypted OpenPGP message."""


class WrongPassphrase(ArchiveError):
    """The passphrase does not fit."""


class CorruptArchive(ArchiveError):
    """The message is truncated, altered, or not OpenPGP at all."""


class DecryptionDisagreement(ArchiveError):
    """Two OpenPGP implementations disagree about the same message."""


class RestoreFailed(ArchiveError):
    """PostgreSQL rejects the dump; the message has its first error line."""


class NotDecrypted(ArchiveError):
    """The site's own program does not decrypt it."""


class NotRetrieved(ArchiveError):
    """The site's own program does not bring it out of its repository."""
