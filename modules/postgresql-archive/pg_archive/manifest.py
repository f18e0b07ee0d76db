"""What is known of an archive, kept beside it as JSON, encrypted by the same passphrase and so authenticated.

It is uploaded after its archive was verified: an archive without a manifest is unfinished.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pg_archive import openpgp
from pg_archive.errors import DamagedMessage
from pg_archive.openpgp import Digest

if TYPE_CHECKING:
    from pg_archive.deadline import Deadline
    from pg_archive.passphrase import Passphrase

FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """Sizes are bytes, digests SHA-256 in hex."""

    archive: str
    """The archive's name, without directory: a manifest vouches for no other."""
    database: str
    host: str
    postgresql: str
    """The server's version as the dump says it, "" if it does not."""
    time: datetime
    """When it was archived by the host's clock, UTC."""
    dump: Digest
    """Of the dump's file, compressed as it was."""
    ciphertext: Digest
    compression: str
    """``none``, ``gzip`` or ``zstd``."""
    encryption: str
    rows: dict[str, int]
    """Rows by table, quoted and qualified as pg_dump writes it, counted in the dump."""
    format: int = FORMAT

    def to_json(self) -> str:
        """Return it as JSON."""
        return json.dumps({**asdict(self), "time": self.time.isoformat()}, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Read back what :meth:`to_json` gave.

        Raises:
            DamagedMessage: it is no manifest, or of a newer format.
        """
        step = "manifest"
        try:
            document: dict[str, Any] = json.loads(text)
            if document["format"] != FORMAT:
                raise DamagedMessage(
                    step, f"has format {document['format']}", f"this pg-archive reads {FORMAT}; update it"
                )
            return cls(
                archive=str(document["archive"]),
                database=str(document["database"]),
                host=str(document["host"]),
                postgresql=str(document["postgresql"]),
                time=datetime.fromisoformat(document["time"]),
                dump=Digest(**document["dump"]),
                ciphertext=Digest(**document["ciphertext"]),
                compression=str(document["compression"]),
                encryption=str(document["encryption"]),
                rows={str(table): int(count) for table, count in document["rows"].items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedMessage(step, f"is no manifest of an archive: {error!r}") from None

    def sealed(self, passphrase: Passphrase, deadline: Deadline) -> bytes:
        """Return it encrypted. Raises what :func:`pg_archive.openpgp.encrypt_bytes` raises."""
        return openpgp.encrypt_bytes(self.to_json().encode(), passphrase, deadline)

    @classmethod
    def opened(cls, message: bytes, passphrase: Passphrase, deadline: Deadline) -> Manifest:
        """Decrypt, authenticate and read one.

        The caller checks that ``archive`` and ``database`` are what it asked for.

        Raises:
            WrongPassphrase, DamagedMessage, CryptoError: as :func:`pg_archive.openpgp.decrypt_bytes`.
        """
        return cls.from_json(openpgp.decrypt_bytes(message, passphrase, deadline).decode("utf-8", "replace"))
