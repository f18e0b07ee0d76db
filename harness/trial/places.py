"""Where a run may leave files: directories in which all of them count; elsewhere, those that look like a backup's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from harness.store import plaintext

if TYPE_CHECKING:
    from harness.machine.machine import Machine

_USUAL = ("/var/backup", "/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - looked at, not written to
_SERVERS = "/dev/shm/PostgreSQL."  # noqa: S108 - PostgreSQL's shared memory, under another name after each start

# The rest, without what has many files and none of a backup's. /run and Debian's /run/lock are other file systems.
_EVERYWHERE = ("/", "/run", "/run/lock")
_SYSTEMS = "/boot /etc /nix /usr /run/systemd /run/udev /var/cache/apt /var/lib/apt /var/lib/dpkg /var/lib/systemd"
_SYSTEMS += " /var/log"
# A cluster's own, in its version's directory below the unit's home: PostgreSQL's documentation, "Database File Layout".
_CLUSTER = "base global pg_logical pg_multixact pg_replslot pg_stat pg_stat_tmp pg_subtrans pg_tblspc pg_wal pg_xact"
_CLUSTERS = tuple(f"/var/lib/postgresql/*/{name}" for name in _CLUSTER.split())
_SYSTEMS += "".join(f" {place}" for place in _CLUSTERS)
_CACHES = ("-path", "/var/cache", "-o", "-name", ".cache")

# How a dump or an archive begins; the others' files (a stamp, a lock, a cache) are their own business.
_BEGINNINGS = (
    *plaintext.BEGINNINGS,
    rb"age-encryption\.org/",
    rb"-----BEGIN (?:PGP MESSAGE|AGE ENCRYPTED FILE)",
    rb"Salted__",  # openssl enc
    # OpenPGP (RFC 4880, 4.2 and 5): a session key encrypted by a passphrase, version 4, or to a key, version 3.
    rb"(?:\x8c.|\x8d..|\xc3.)\x04[\x01-\x0d]",
    rb"(?:\x84.|\x85..|\xc1[\x00-\xbf]|\xc1[\xc0-\xdf].)\x03",
)
_LONGEST = 40  # bytes
_FOUND = re.compile(rb"^==> ([^\n]+) <==\n(?:%s)" % b"|".join(_BEGINNINGS), re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Places:
    """Of one machine. ``own`` are directories of the site's, where every file counts as in the usual ones."""

    machine: Machine
    own: tuple[str, ...]
    caches: bool = True
    """Whether what looks like a dump or an archive counts in a cache too: a repository's is meant to stay."""

    @property
    def directories(self) -> list[str]:
        """Where every file counts."""
        return list(dict.fromkeys((*_USUAL, *self.own)))

    def files(self, *, user: str | None = None) -> frozenset[str]:
        """Return the paths of the files that are there now, or of those that ``user`` can read.

        Raises:
            MachineError: the machine cannot be asked.
        """
        # Each find fails for a directory that this user cannot enter, or that is not there: then it tells of no file.
        kind = ["-type", "f", *(["-readable"] if user else [])]
        found = self.machine.run(["find", *self.directories, *kind, "-print0"], user=user).stdout.split(b"\0")
        skipped = [word for path in _SYSTEMS.split() for word in ("-o", "-path", path)][1:]
        skipped += [] if self.caches else ["-o", *_CACHES]
        beginnings = ["-size", "+0", "-exec", "head", "--verbose", f"--bytes={_LONGEST}", "--", "{}", "+"]
        search = ["find", *_EVERYWHERE, "-xdev", "(", *skipped, ")", "-prune", "-o", *kind, *beginnings]
        found += _FOUND.findall(self.machine.run(search, user=user).stdout)
        paths = {path.decode(errors="replace") for path in found if path}
        return frozenset(path for path in paths if not path.startswith(_SERVERS))


def is_the_servers(path: str) -> bool:
    """Whether it is a file of PostgreSQL's own, which has what the databases have."""
    return any(fnmatchcase(path, f"{place}/*") for place in _CLUSTERS)


def without_empty(machine: Machine, paths: frozenset[str]) -> frozenset[str]:
    """Return the paths without those of files that are there and empty: a lock shows nobody anything.

    To be asked when a run is over: what a program is about to fill is empty before.
    """
    if not paths:
        return paths
    found = machine.run(["find", *sorted(paths), "-maxdepth", "0", "-type", "f", "-empty", "-print0"]).stdout
    return paths - {path.decode(errors="replace") for path in found.split(b"\0")}
