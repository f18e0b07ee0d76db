"""The throw-away certificate authority that the guest trusts, and its certificates."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

_CERTIFICATE = "ca.pem"
_KEY = "ca.key"


@dataclass(frozen=True)
class Certificate:
    """A server's certificate chain and its private key, both PEM."""

    chain: str
    key: str = field(repr=False)

    def context(self) -> ssl.SSLContext:
        """Return the TLS settings of a server with this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # OpenSSL reads the key only from a path; a memfd has one and stays off the disk.
        memory = os.memfd_create("certificate")
        try:
            with open(memory, "w", encoding="ascii", closefd=False) as pem:
                pem.write(self.key + self.chain)
            context.load_cert_chain(f"/proc/self/fd/{memory}")
        finally:
            os.close(memory)
        return context


class Authority:
    """A certificate authority, valid in every year that a guest's clock may be set to (2000 to 3000)."""

    def __init__(self, authority: trustme.CA) -> None:
        self._authority = authority

    @classmethod
    def create(cls) -> Authority:
        """Create one."""
        return cls(trustme.CA(organization_name="pg-archive-gate"))

    @classmethod
    def load(cls, directory: Path) -> Authority:
        """Read back what :meth:`save` wrote."""
        certificate = (directory / _CERTIFICATE).read_bytes()
        key = (directory / _KEY).read_bytes()
        return cls(trustme.CA.from_pem(certificate, key))

    def save(self, directory: Path) -> None:
        """Save it in ``directory``, made private: files 0600, the directory 0700."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
        for name, blob in ((_CERTIFICATE, self._authority.cert_pem), (_KEY, self._authority.private_key_pem)):
            with open(directory / name, "wb", opener=_open_private) as file:
                file.write(blob.bytes())

    @property
    def certificate(self) -> str:
        """Its certificate, PEM: what a client must trust."""
        return self._authority.cert_pem.bytes().decode("ascii")

    def issue(self, hostnames: Iterable[str], *, until: datetime | None = None) -> Certificate:
        """Sign a server certificate for ``hostnames``, as valid as the authority or ``until`` a time."""
        leaf = self._authority.issue_cert(*hostnames, not_after=until)
        chain = "".join(pem.bytes().decode("ascii") for pem in leaf.cert_chain_pems)
        return Certificate(chain=chain, key=leaf.private_key_pem.bytes().decode("ascii"))


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
