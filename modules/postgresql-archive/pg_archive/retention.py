"""Which archives of a target to remove: restic's rules, never below a floor of verified archives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from pg_archive.configuration import Retention
from pg_archive.delivery import Delivery
from pg_archive.errors import CryptoError
from pg_archive.manifest import Manifest
from pg_archive.names import MANIFEST, ArchiveName
from pg_archive.passphrase import Passphrase
from pg_archive.rclone import Entry

_PERIODS: dict[str, Callable[[datetime], object]] = {
    "last": lambda taken: taken,
    "hourly": lambda taken: (taken.date(), taken.hour),
    "daily": lambda taken: taken.date(),
    "weekly": lambda taken: taken.isocalendar()[:2],
    "monthly": lambda taken: (taken.year, taken.month),
}


def kept(archives: Iterable[ArchiveName], retention: Retention) -> set[ArchiveName]:
    """Return those that the rules keep: the newest of each of the newest N hours, days … (UTC) that have one."""
    keep: set[ArchiveName] = set()
    newest_first = sorted(archives, reverse=True)
    for rule, period in _PERIODS.items():
        seen: set[object] = set()
        for archive in newest_first:
            if period(archive.taken) not in seen and len(seen) < getattr(retention, rule):
                seen.add(period(archive.taken))
                keep.add(archive)
    return keep


@dataclass(frozen=True)
class Expiry:
    """What to keep, and the names to delete, manifests before their archives."""

    keep: tuple[ArchiveName, ...]
    remove: tuple[str, ...]
    spared: tuple[ArchiveName, ...] = ()
    """Expired by the rules, but needed for the floor."""


class Pruner:
    """Of one target."""

    def __init__(self, delivery: Delivery, database: str, passphrase: Passphrase, retention: Retention) -> None:
        self._delivery = delivery
        self._database = database
        self._passphrase = passphrase
        self._retention = retention

    def plan(self, entries: Iterable[Entry], just_verified: ArchiveName | None = None) -> Expiry:
        """Return what to remove of the files ``entries``; nothing is changed.

        Only names of this database's archives and their manifests are touched. An archive counts as verified if its
        manifest, which is uploaded after verification, opens by the passphrase and gives the size that is listed.
        What has no manifest does not count for any rule, and goes when all that is kept is newer.

        Raises:
            TargetError: the target failed.
            CryptoError: gpg failed, other than at a manifest that does not open.
        """
        sizes = {entry.name: entry.size for entry in entries}
        archives = {archive for name in sizes if (archive := ArchiveName.parse(name, self._database))}
        finished = {archive for archive in archives if archive.manifest in sizes}
        keep = kept(finished, self._retention)
        verified = 0
        spared = []
        for archive in sorted(finished, reverse=True):
            if verified >= self._retention.floor:
                break
            if archive == just_verified or self._is_verified(archive, sizes[str(archive)]):
                verified += 1
                if archive not in keep:
                    spared.append(archive)
        if verified < self._retention.floor:  # below it already: everything stays
            return Expiry(tuple(sorted(archives)), (), tuple(spared))
        keep |= set(spared)
        oldest = min(keep)
        doomed = {archive for archive in archives - keep if archive in finished or archive.taken < oldest.taken}
        orphans = {
            archive
            for name in sizes
            if name.endswith(MANIFEST) and (archive := ArchiveName.parse(name.removesuffix(MANIFEST), self._database))
            if archive not in archives and archive.taken < oldest.taken
        }
        names = [name for archive in sorted(doomed | orphans) for name in (archive.manifest, str(archive))]
        return Expiry(tuple(sorted(keep)), tuple(name for name in names if name in sizes), tuple(spared))

    def apply(self, expiry: Expiry) -> None:
        """Delete.

        Raises:
            TargetError: the target refuses.
        """
        for name in expiry.remove:
            self._delivery.remove(name)

    def _is_verified(self, archive: ArchiveName, size: int) -> bool:
        message = self._delivery.read(archive.manifest)
        try:
            manifest = Manifest.opened(message, self._passphrase, self._delivery.deadline)
        except CryptoError:
            return False
        return (manifest.archive, manifest.database) == (str(archive), self._database) and (
            manifest.ciphertext.size == size
        )
