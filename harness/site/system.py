"""A built system: the store paths that turn a Debian machine into the site, and what no file in them says."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class User:
    """A user that the system asks for; ``uid`` is None where any will do."""

    name: str
    uid: int | None
    group: str
    home: str


@dataclass(frozen=True)
class Group:
    """A group that the system asks for; ``gid`` is None where any will do."""

    name: str
    gid: int | None


@dataclass(frozen=True)
class System:
    """What nix/debian/modules/toplevel.nix builds.

    Store paths are the guest's, ``/nix/store/…``; on the host they lie below ``nix_store``.
    """

    nix_store: Path
    toplevel: str
    closure: tuple[str, ...]
    """Every store path that the guest needs, sorted, ``toplevel`` among them."""
    users: tuple[User, ...]
    groups: tuple[Group, ...]
    hosts: dict[str, list[str]]
    certificates: tuple[str, ...]
    """Certificate authorities, in PEM, that the system trusts besides the guest's own."""
    packages: tuple[str, ...]
    """Debian packages that the guest's image must have."""

    @classmethod
    def load(cls, nix_store: Path, toplevel: str, closure: tuple[str, ...]) -> System:
        """Read the description of a built system."""
        said = json.loads(on_host(nix_store, f"{toplevel}/system.json").read_text())
        return cls(
            nix_store,
            toplevel,
            closure,
            users=tuple(User(**entry) for entry in said["users"]),
            groups=tuple(Group(**entry) for entry in said["groups"]),
            hosts=said["hosts"],
            certificates=tuple(said["certificates"]),
            packages=tuple(said["packages"]),
        )

    @property
    def digest(self) -> str:
        """Changes with anything that the guest gets: the hash in the system's store path."""
        return PurePosixPath(self.toplevel).name[:32]

    def closure_tar(self, *, beside: System | None = None) -> bytes:
        """Pack the closure, without what ``beside`` has, as a tar of ``nix/store/…``; the same has the same bytes."""
        there = set(beside.closure) if beside else set()
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
            for path in self.closure:
                if path not in there:
                    # tarfile goes into directories in sorted order.
                    tar.add(f"{self.nix_store}{path}", arcname=path.removeprefix("/"), filter=_as_in_store)
        return buffer.getvalue()


def on_host(nix_store: Path, path: str) -> Path:
    """Return where a path of the guest's Nix store lies on the host, links into the Nix store followed.

    Raises:
        ValueError: a link on the way leads out of the Nix store, into the guest's own files.
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
    entry.mtime = 1  # as Nix has it
    return entry
