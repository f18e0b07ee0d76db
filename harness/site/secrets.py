"""What a site's secrets hold, and which strings must appear nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import GateError
from harness.site.decoys import DECOY
from harness.store.rclone_config import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.site.site import Site
    from harness.site.vault import Vault
    from harness.store.rclone_config import S3Store

RCLONE_CONFIG = "rclone-config"
"""The kind of secret that has the stores and their keys."""


class SiteSecrets:
    """A site's secrets, drawn from the vault."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault

    def contents(
        self, site: Site, stores: Iterable[S3Store], directories: Mapping[str, str] | None = None
    ) -> dict[str, bytes]:
        """Return the content of each of the site's secrets, by path.

        Raises:
            GateError: the site asks for an unknown kind of secret.
        """
        stores = list(stores)
        contents: dict[str, bytes] = {}
        for secret in site.secrets:
            if secret.database is not None:
                text = self.key(site, secret.database).rstrip("\n") + "\n"
            elif secret.kind == RCLONE_CONFIG:
                text = render(stores, directories)
            else:
                message = f"unknown kind of secret {secret.kind!r} at {secret.path}"
                raise GateError(message)
            contents[secret.path] = text.encode()
        return contents

    def key(self, site: Site, database: str) -> str:
        """Return what encrypts the database's archives: a passphrase, or a private key of several lines."""
        by_key = {"passphrase": self.vault.passphrase, "ssh-ed25519": self.vault.ssh_key}
        return by_key[site.archives[database].key](database)

    def forbidden(self, site: Site) -> dict[str, str]:
        """Return the strings, by label, that no request, command line, journal or Nix store path may contain."""
        strings = {"what a secret held at evaluation": DECOY}
        for database in site.databases:
            # The word of the passphrase that was drawn, or the line of an OpenSSH key with most of its private half.
            strings[f"passphrase of {database}"] = self.key(site, database).splitlines()[-3:][0].split()[0]
            strings[f"planted row of {database}"] = self.vault.canary(database)
        for store in site.stores:
            strings[f"secret key of {store}"] = self.vault.access_key(store)[1]
        return strings
