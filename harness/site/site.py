"""A site as the gate sees it: its evaluation's result in the Nix store, and its manifest as typed data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from harness.site.system import on_host


@dataclass(frozen=True)
class Archive:
    """How one database is archived: ``gate.archives.<database>`` (nixos-tests/contract.nix)."""

    database: str
    unit: str
    """The service that dumps and archives the database, once per start."""
    timer: str
    dump: str | None
    """The dump that remains after the service has ended; None if none is kept."""
    dumps: tuple[str, ...]
    """The local dumps, the newest first."""
    stays: tuple[str, ...]
    """Files that a run may leave on the host, the dumps among them; one that ends in ``/`` is all that is below."""
    location: str
    """The local directory of the dump, and of the ciphertext while it exists."""
    prefix: str
    """The archives' prefix below the remote."""
    passphrase_file: str
    key: str
    """That file's content: ``passphrase`` or ``ssh-ed25519``."""
    decrypt: str | None
    """The program that decrypts an archive, given such a file; None for OpenPGP messages."""
    retrieve: str | None
    """The program that brings dumps out of a repository; None where each archive is an object."""
    companions: tuple[str, ...]
    """Suffixes of the keys of what must lie beside each archive, ``.manifest``."""


@dataclass(frozen=True)
class SiteStore:
    """An S3 store that must have the archives (``gate.stores.<name>``): its public host name and the bucket."""

    host: str
    bucket: str


@dataclass(frozen=True)
class Secret:
    """A file that the gate creates before the site starts; ``mode`` is a number, 0o400."""

    path: str
    kind: str
    database: str | None
    owner: str
    group: str
    mode: int


@dataclass(frozen=True)
class Site:
    """An evaluated and built site.

    Nix store paths are the guest's, ``/nix/store/…``; on the host they lie below ``nix_store``.
    """

    nix_store: Path
    toplevel: str
    archives: dict[str, Archive]
    stores: dict[str, SiteStore]
    """By name, in order; never empty."""
    exempt: dict[str, str]
    """What the site does not promise, with the reason (``gate.exempt`` in nixos-tests/contract.nix)."""
    secrets: tuple[Secret, ...]
    time_limit: int
    """Seconds within which a run must end."""
    rclone_remote: str
    restore: str | None
    """The program that restores on another machine (``gate.restore``), None if there is none."""
    super_user: str
    warnings: tuple[str, ...]

    @staticmethod
    def load(nix_store: Path, toplevel: str) -> Site:
        """Read the manifest of a built system."""
        text = on_host(nix_store, f"{toplevel}/manifest.json").read_text()
        manifest = json.loads(text)
        return Site(
            nix_store=nix_store,
            toplevel=toplevel,
            archives={
                name: Archive(
                    name,
                    passphrase_file=entry.pop("passphraseFile"),
                    companions=tuple(entry.pop("companions")),
                    dumps=tuple(entry.pop("dumps")),
                    stays=tuple(entry.pop("stays")),
                    **entry,
                )
                for name, entry in manifest["archives"].items()
            },
            stores={name: SiteStore(**entry) for name, entry in manifest["stores"].items()},
            exempt=manifest["exempt"],
            secrets=tuple(Secret(**entry | {"mode": int(entry["mode"], 8)}) for entry in manifest["secrets"]),
            time_limit=manifest["timeLimit"],
            rclone_remote=manifest["rcloneRemote"],
            restore=manifest["restore"],
            super_user=manifest["superUser"],
            warnings=tuple(manifest["warnings"]),
        )

    @property
    def databases(self) -> tuple[str, ...]:
        """The archived databases."""
        return tuple(self.archives)

    @property
    def timers(self) -> tuple[str, ...]:
        """The timers of the backup units."""
        return tuple(archive.timer for archive in self.archives.values() if archive.timer)

    def read(self, path: str) -> bytes:
        """Return the content of a file by its path in the guest's Nix store, following links."""
        return on_host(self.nix_store, path).read_bytes()
