"""A gate's secrets: random, drawn once per cache, never constant, never shown.

They live as long as the cache because frozen machines contain them: new secrets would mean new templates.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from harness.errors import GateError
from harness.host.deadline import Deadline
from harness.host.lock import FileLock
from harness.store.tls import Authority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_MANGLED = r""" \n  $HOME '"`*%s#\z"""
_PATIENCE = 30.0  # seconds; drawing a secret takes a moment


class VaultError(GateError):
    """Another run keeps the secrets locked."""


class Vault:
    """Named secrets below one 0700 directory. Each is drawn on first use, by one run at a time.

    Raises:
        VaultError: by each secret, if another run keeps them locked.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
        self.directory = directory
        self._file = directory / "secrets.json"
        self._lock = directory / ".lock"

    def passphrase(self, database: str) -> str:
        """Return the passphrase that encrypts the database's archives: a word that is drawn, then what shells mangle.

        A module that loses a backslash or a second space archives with a passphrase that its operator does not have.
        """
        return f"{self._draw(f'passphrase {database}')}{_MANGLED}"

    def ssh_key(self, database: str) -> str:
        """Return the Ed25519 private key, in OpenSSH's format, that opens the database's archives."""
        return self._draw(f"ssh key {database}", _ssh_key)

    def canary(self, database: str) -> str:
        """Return the string planted in the database to detect leaked plaintext."""
        return f"canary-{self._draw(f'canary {database}')}"

    def access_key(self, store: str) -> tuple[str, str]:
        """Return the key id and secret key of the guest's account at the store."""
        return f"key{self._draw(f'key id {store}')[:16]}", self._draw(f"secret key {store}")

    @property
    def root_password(self) -> str:
        """Root's password on the guest's console."""
        return self._draw("root password")

    @property
    def authority(self) -> Authority:
        """The certificate authority that signs the stores' certificates."""
        directory = self.directory / "authority"
        with self._alone():
            if not directory.exists():
                half = directory.with_suffix(".half")
                Authority.create().save(half)
                half.rename(directory)
            return Authority.load(directory)

    @property
    def digest(self) -> str:
        """Identifies a cache's secrets without revealing any."""
        return hashlib.sha256(self._draw("identity").encode()).hexdigest()[:16]

    def _draw(self, name: str, draw: Callable[[], str] = lambda: secrets.token_hex(20)) -> str:
        with self._alone():
            drawn: dict[str, str] = json.loads(self._file.read_text()) if self._file.exists() else {}
            if name not in drawn:
                drawn[name] = draw()
                half = self._file.with_suffix(".half")
                with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                    json.dump(drawn, file)
                half.rename(self._file)
            return drawn[name]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with closing(FileLock(self._lock)) as lock:  # threads, too, keep each other out: each opens it
            if not lock.take(Deadline(_PATIENCE)):
                message = f"another run has held the secrets in {self.directory} for {_PATIENCE:g} s; end it"
                raise VaultError(message)
            yield


def _ssh_key() -> str:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
