"""What lies under /run/secrets, and which strings must show up nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import GateError
from harness.store.rclone_config import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.site.site import Site
    from harness.site.vault import Vault
    from harness.store.rclone_config import S3Store


class SiteSecrets:
    """The secrets of a site, drawn from the vault."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault

    def contents(
        self, site: Site, stores: Iterable[S3Store], directories: Mapping[str, str] | None = None
    ) -> dict[str, bytes]:
        """Return what each of the site's secrets holds, by its path.

        Raises:
            GateError: the site wants a kind of secret that the gate does not know.
        """
        stores = list(stores)
        contents: dict[str, bytes] = {}
        for secret in site.secrets:
            if secret.database is not None:
                text = self.key(site, secret.database).rstrip("\n") + "\n"
            elif secret.kind == "rclone-config":
                text = render(stores, directories)
            else:
                message = f"the site wants a secret of kind {secret.kind!r} at {secret.path}; there is no such kind"
                raise GateError(message)
            contents[secret.path] = text.encode()
        return contents

    def key(self, site: Site, database: str) -> str:
        """Return what encrypts the database's archives: a passphrase, or a private key of several lines."""
        by_key = {"passphrase": self.vault.passphrase, "ssh-ed25519": self.vault.ssh_key}
        return by_key[site.archives[database].key](database)

    def forbidden(self, site: Site) -> dict[str, str]:
        """Return the strings, by label, that no request, command line, journal or store path may hold."""
        strings: dict[str, str] = {}
        for database in site.databases:
            # The passphrase, or of a key in OpenSSH's format the line with most of its private half.
            strings[f"passphrase of {database}"] = self.key(site, database).splitlines()[-3:][0]
            strings[f"planted row of {database}"] = self.vault.canary(database)
        for store in site.stores:
            strings[f"secret key of {store}"] = self.vault.access_key(store)[1]
        return strings
