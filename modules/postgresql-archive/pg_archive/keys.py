"""What archives of a database are encrypted by, and what opens them: a passphrase, or age's recipients and identity.

A host with recipients alone can open nothing, not even what it made.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pg_archive import age, openpgp
from pg_archive.configuration import Database
from pg_archive.deadline import Deadline
from pg_archive.errors import CryptoError
from pg_archive.names import AGE, OPENPGP, ArchiveName
from pg_archive.openpgp import Digest
from pg_archive.passphrase import Passphrase


@dataclass(frozen=True)
class Keys:
    """Recipients go before the passphrase, which may be there to open older archives."""

    passphrase: Passphrase | None = None
    recipients: tuple[str, ...] = ()
    identity: Path | None = None
    """The file with what opens messages to the recipients."""

    @classmethod
    def of(cls, database: Database, minimum_length: int) -> Keys:
        """Read what is configured or given.

        Raises:
            PassphraseError, ConfigurationError: a file is wrong.
        """
        if database.identity is not None:
            age.check_identity(database.identity)
        file = database.passphrase_file
        return cls(Passphrase.read(file, minimum_length) if file else None, database.recipients, database.identity)

    def check(self, deadline: Deadline) -> None:
        """See that the program for what is encrypted can do it. Raises what :func:`age.check_program` raises."""
        if self.recipients:
            age.check_program(self.recipients, deadline)

    @property
    def ending(self) -> str:
        """What names of new archives end with."""
        return AGE if self.recipients else OPENPGP

    @property
    def encryption(self) -> str:
        """What new archives are encrypted by, as their manifest says it."""
        return age.ENCRYPTION if self.recipients else openpgp.ENCRYPTION

    def lacks(self, name: ArchiveName) -> str:
        """Return the flag that is missing to open an archive, "" if none is."""
        if name.ending == AGE:
            return "" if self.identity is not None else "--identity"
        return "" if self.passphrase is not None else "--passphrase-file"

    def encrypt(self, source: int, destination: Path, deadline: Deadline) -> tuple[Digest, Digest]:
        """Encrypt a file. See :func:`pg_archive.openpgp.encrypt`."""
        if self.recipients:
            return age.encrypt(source, destination, self.recipients, deadline)
        return openpgp.encrypt(source, destination, self._passphrase(), deadline)

    def encrypt_bytes(self, message: bytes, deadline: Deadline) -> bytes:
        """Encrypt something small. See :func:`pg_archive.openpgp.encrypt_bytes`."""
        if self.recipients:
            return age.encrypt_bytes(message, self.recipients, deadline)
        return openpgp.encrypt_bytes(message, self._passphrase(), deadline)

    def decrypt(self, name: ArchiveName, source: Path, destination: Path, deadline: Deadline) -> Digest:
        """Decrypt an archive's file. See :func:`pg_archive.openpgp.decrypt`."""
        if name.ending == AGE:
            return age.decrypt(source, destination, self._identity(), deadline)
        return openpgp.decrypt(source, destination, self._passphrase(), deadline)

    def decrypt_bytes(self, name: ArchiveName, message: bytes, deadline: Deadline) -> bytes:
        """Decrypt what belongs to an archive. See :func:`pg_archive.openpgp.decrypt_bytes`."""
        if name.ending == AGE:
            return age.decrypt_bytes(message, self._identity(), deadline)
        return openpgp.decrypt_bytes(message, self._passphrase(), deadline)

    def _passphrase(self) -> Passphrase:
        if self.passphrase is None:
            cause = "it is encrypted by a passphrase, and none is given"
            raise CryptoError("passphrase", cause, "give --passphrase-file FILE")
        return self.passphrase

    def _identity(self) -> Path:
        if self.identity is None:
            cause = "it is encrypted to age recipients, and no identity is given"
            raise CryptoError("identity", cause, "give --identity FILE")
        return self.identity
