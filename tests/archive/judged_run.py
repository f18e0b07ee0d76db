"""A run on a small database, whose results a test breaks before the oracle judges them."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from hashlib import sha256
from typing import IO, TYPE_CHECKING

from harness.archive.format import Format
from harness.archive.oracle import Delivery, Verdict, judge
from tests.archive.encrypting import PASSPHRASE, encrypted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.database.fingerprint import Fingerprint
    from harness.database.psql import Psql

KEY = "shop/shop_20261122T101503Z.sql.gz.enc"
STORES = ("backblaze", "wasabi")


@dataclass(frozen=True)
class Put:
    """A journal line for an accepted request to a key."""

    key: str
    sha256: str
    size: int
    operation: str = "PutObject"
    done: bool = True
    query: dict[str, str] = field(default_factory=dict)
    copied: str = ""


@dataclass
class Run:
    """A run's results, to be broken before they are judged."""

    psql: Psql
    source: Fingerprint
    dump: Path
    sent: dict[str, bytes]
    stored: dict[str, dict[str, bytes]]
    requests: dict[str, list[Put]]
    missing: dict[str, list[str]] = field(default_factory=dict)
    companions: dict[str, bytes] = field(default_factory=dict)
    """What lies beside the archive, in both stores."""
    place: str = ""
    restored: dict[str, Fingerprint] = field(default_factory=dict)

    def judge(self, passphrase: str = PASSPHRASE) -> Verdict:
        return judge(
            self.psql,
            database="shop",
            source=self.source,
            dump=str(self.dump),
            passphrase=passphrase,
            deliveries=[
                Delivery(
                    store,
                    sorted(self.stored[store]),
                    self._fetch(store),
                    self.requests[store],
                    self.missing.get(store, ()),
                    tuple(self.companions),
                )
                for store in STORES
            ],
            form=Format(place=self.place),
            restored=self.restored,
        )

    def _fetch(self, store: str) -> Callable[[str, IO[bytes]], object]:
        return lambda key, file: file.write((self.stored[store] | self.companions)[key])

    def send(self, message: bytes, *stores: str) -> None:
        for store in stores or STORES:
            self.stored[store] = {KEY: message}
            self.requests[store] = [Put(KEY, sha256(message).hexdigest(), len(message))]

    def rewrite(self, change: Callable[[bytes], bytes]) -> None:
        """Change the SQL everywhere: in the dump and everything made from it."""
        content = gzip.compress(change(gzip.decompress(self.dump.read_bytes())))
        self.dump.write_bytes(content)
        self.send(encrypted(content))


def flipped(content: bytes, position: int) -> bytes:
    changed = bytearray(content)
    changed[position] ^= 1
    return bytes(changed)


def lost_at(verdict: Verdict) -> str:
    assert not verdict.ok, "nothing was found to be lost"
    return str(verdict.failure)
