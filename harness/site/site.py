"""A site as the gate sees it: its evaluation's result in the Nix store, and its manifest as typed data."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Archive:
    """How one database is archived: ``gate.archives.<database>`` (nixos-tests/contract.nix)."""

    database: str
    unit: str
    """The service that dumps and archives the database, once per start."""
    timer: str
    dump: str | None
    """The dump that remains after the service has ended; None if none is kept."""
    location: str
    """The local directory of the dump, and of the ciphertext while it exists."""
    prefix: str
    """The archives' prefix below the remote."""
    passphrase_file: str
    key: str
    """That file's content: ``passphrase`` or ``ssh-ed25519``."""
    decrypt: str | None
    """The program that decrypts an archive, given such a file; None for OpenPGP messages."""


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
class User:
    """A user that the site requires; ``uid`` is None for any."""

    name: str
    uid: int | None
    group: str
    home: str


@dataclass(frozen=True)
class Group:
    """A group that the site requires; ``gid`` is None for any."""

    name: str
    gid: int | None


@dataclass(frozen=True)
class Site:
    """An evaluated and built site.

    Nix store paths are the guest's, ``/nix/store/…``; on the host they lie below ``nix_store``.
    """

    nix_store: Path
    toplevel: str
    closure: tuple[str, ...]
    """All Nix store paths that the guest needs, sorted, including ``toplevel``."""
    archives: dict[str, Archive]
    stores: dict[str, SiteStore]
    """By name, in order; never empty."""
    exempt: dict[str, str]
    """What the site does not promise, with the reason (``gate.exempt`` in nixos-tests/contract.nix)."""
    secrets: tuple[Secret, ...]
    rclone_remote: str
    super_user: str
    port: int
    postgresql_package: str
    compression: str
    users: tuple[User, ...]
    groups: tuple[Group, ...]
    time_zone: str
    host_name: str
    hosts: dict[str, list[str]]
    certificates: tuple[str, ...]
    """Certificate authorities, PEM, that the site trusts in addition to the guest's."""
    warnings: tuple[str, ...]

    @classmethod
    def load(cls, nix_store: Path, toplevel: str, closure: tuple[str, ...]) -> Site:
        """Read the manifest of a built system."""
        text = on_host(nix_store, f"{toplevel}/manifest.json").read_text()
        manifest = json.loads(text)
        return cls(
            nix_store=nix_store,
            toplevel=toplevel,
            closure=closure,
            archives={
                name: Archive(name, passphrase_file=entry.pop("passphraseFile"), **entry)
                for name, entry in manifest["archives"].items()
            },
            stores={name: SiteStore(**entry) for name, entry in manifest["stores"].items()},
            exempt=manifest["exempt"],
            secrets=tuple(Secret(**entry | {"mode": int(entry["mode"], 8)}) for entry in manifest["secrets"]),
            rclone_remote=manifest["rcloneRemote"],
            super_user=manifest["superUser"],
            port=manifest["port"],
            postgresql_package=manifest["postgresqlPackage"],
            compression=manifest["compression"],
            users=tuple(User(**entry) for entry in manifest["users"]),
            groups=tuple(Group(**entry) for entry in manifest["groups"]),
            time_zone=manifest["timeZone"],
            host_name=manifest["hostName"],
            hosts=manifest["hosts"],
            certificates=tuple(manifest["certificates"]),
            warnings=tuple(manifest["warnings"]),
        )

    @property
    def databases(self) -> tuple[str, ...]:
        """The archived databases."""
        return tuple(self.archives)

    @property
    def digest(self) -> str:
        """Changes with anything that the guest gets: the hash in the system's Nix store path."""
        return PurePosixPath(self.toplevel).name[:32]

    def read(self, path: str) -> bytes:
        """Return the content of a file by its path in the guest's Nix store, following links."""
        return on_host(self.nix_store, path).read_bytes()

    def closure_tar(self) -> bytes:
        """Pack the closure as a tar of ``nix/store/…``: the same bytes for the same closure."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
            for path in self.closure:
                # tarfile descends into directories in sorted order.
                tar.add(f"{self.nix_store}{path}", arcname=path.removeprefix("/"), filter=_as_in_store)
        return buffer.getvalue()


def on_host(nix_store: Path, path: str) -> Path:
    """Return the host's path of a path in the guest's Nix store, following links into the Nix store.

    Raises:
        ValueError: a link leads out of the Nix store, into the guest's files.
    """
    resolved = PurePosixPath("/")
    rest = list(PurePosixPath(path).parts[1:])
    while rest:
        resolved /= rest.pop(0)
        here = Path(f"{nix_store}{resolved}")
        if here.is_symlink():
            target = PurePosixPath(str(here.readlink()))
            rest = [*(resolved.parent / target).parts[1:], *rest]
            resolved = PurePosixPath("/")
    if resolved.parts[:3] != ("/", "nix", "store"):
        message = f"{path} is {resolved} in the guest, which is not in its Nix store"
        raise ValueError(message)
    return Path(f"{nix_store}{resolved}")


def _as_in_store(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = 1  # as in the Nix store
    return entry
