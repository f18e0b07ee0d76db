"""What is known of an archive, kept beside it as JSON and encrypted by the same key: by a passphrase, so authenticated.

It is uploaded after its archive was verified: an archive without a manifest is unfinished.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pg_archive.errors import DamagedMessage
from pg_archive.openpgp import Digest

if TYPE_CHECKING:
    from pg_archive.deadline import Deadline
    from pg_archive.keys import Keys
    from pg_archive.names import ArchiveName

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
    recipients: tuple[str, ...] = ()
    """Of age; none if a passphrase encrypts."""

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
                # For a terminal; and who knows an age recipient can make a manifest.
                host="".join(letter if letter.isprintable() else "?" for letter in str(document["host"])),
                postgresql=str(document["postgresql"]),
                time=datetime.fromisoformat(document["time"]),
                dump=Digest(**document["dump"]),
                ciphertext=Digest(**document["ciphertext"]),
                compression=str(document["compression"]),
                encryption=str(document["encryption"]),
                rows={str(table): int(count) for table, count in document["rows"].items()},
                recipients=tuple(map(str, document.get("recipients", ()))),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedMessage(step, f"is no manifest of an archive: {error!r}") from None

    def sealed(self, keys: Keys, deadline: Deadline) -> bytes:
        """Return it encrypted. Raises what :meth:`pg_archive.keys.Keys.encrypt_bytes` raises."""
        return keys.encrypt_bytes(self.to_json().encode(), deadline)

    @classmethod
    def opened(cls, message: bytes, name: ArchiveName, keys: Keys, deadline: Deadline) -> Manifest:
        """Decrypt, authenticate and read the one beside ``name``.

        The caller checks that ``archive`` and ``database`` are what it asked for.

        Raises:
            WrongPassphrase, DamagedMessage, CryptoError: as :meth:`pg_archive.keys.Keys.decrypt_bytes`.
        """
        return cls.from_json(keys.decrypt_bytes(name, message, deadline).decode("utf-8", "replace"))
