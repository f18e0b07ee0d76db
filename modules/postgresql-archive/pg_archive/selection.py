"""Which archive is meant, and from where it is taken: the next target if one fails, an older archive only if told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pg_archive.cli import say, say_error
from pg_archive.errors import NothingFound, SomeTargetsFailed, TargetError
from pg_archive.manifest import Manifest
from pg_archive.names import OPENPGP, ArchiveName, is_ahead
from pg_archive.source import Inventory, Source, inventories


@dataclass(frozen=True)
class Wish:
    """What an operator asked for; the newest, if nothing."""

    archive: str | None = None
    at: datetime | None = None
    """The newest that was taken by then."""
    or_older: bool = False
    """If that one cannot be used, the one before."""

    def takes(self, name: ArchiveName) -> bool:
        """Whether an archive is what was asked for."""
        return (self.archive is None or str(name) == self.archive) and (self.at is None or name.taken <= self.at)

    def among(self, found: Iterable[Inventory]) -> list[ArchiveName]:
        """Return the finished archives that may serve, the best first."""
        finished: set[ArchiveName] = set()
        asked: set[ArchiveName] = set()
        for each in found:
            finished |= set(each.finished)
            asked |= {name for name in (*each.finished, *each.unfinished) if self.takes(name)}
        newest = max(asked, default=None)
        may_serve = {name for name in finished if newest and name <= newest} if self.or_older else finished & asked
        return sorted(may_serve, reverse=True)


@dataclass(frozen=True)
class Retrieved:
    """A whole dump, authenticated, on this machine."""

    manifest: Manifest
    dump: Path
    source: Source


def retrieve(
    sources: list[Source], wish: Wish, scratch: Path, accept: Callable[[Manifest], None] = lambda _: None
) -> Retrieved:
    """Get the archive that is wished for, and say on the way what could not be used.

    Before the download, ``accept`` may raise what is against it.

    Raises:
        NothingFound: no target has such an archive.
        SomeTargetsFailed: no copy can be used, or no target can be listed.
        PgArchiveError: this machine cannot take it, for example for lack of disk space.
    """
    found, failed = inventories(sources)
    for error in failed:
        say_error(error)
    if not found:
        raise SomeTargetsFailed("restore", "no target can be listed", "each one's line above says why and what to do")
    if failed:
        names = ", ".join(error.target for error in failed)
        say_error(f"{names} could not be asked and may have another, newer archive")
    candidates = wish.among(found.values())
    _say_unfinished(found, wish, candidates)
    if not candidates:
        raise NothingFound("restore", "no target has such an archive", "`pg-archive list` says what there is")
    best = wish.archive or str(candidates[0])
    for name in candidates:
        for source, size in _having(name, found):
            try:
                manifest = source.manifest(name, size)
                accept(manifest)
                dump = source.retrieve(manifest, scratch)
            except TargetError as error:
                say_error(error)
                continue
            if str(name) != best:
                say_error(f"{best} cannot be used; this is the older {name}")
            # Anybody who knows a recipient of age's can make a manifest.
            word = "authenticated" if name.ending == OPENPGP else "as its manifest says"
            made = f"of the host {manifest.host}, {manifest.time:%F %T} UTC"
            say(f"{name} from {source}: {manifest.ciphertext.size} bytes, {word}, {made}.")
            if wish.archive is None and is_ahead(manifest.time):
                say_error(
                    f"{name} is dated in the future, so that newer ones may be passed over; --archive takes another"
                )
            return Retrieved(manifest, dump, source)
        if not wish.or_older:
            older = any(other < name for inventory in found.values() for other in inventory.finished)
            mend = "--or-older takes the one before" if older else "there is no older one"
            raise SomeTargetsFailed(
                "restore", f"no copy of {name} can be used", f"each one's line above says why; {mend}"
            )
    raise SomeTargetsFailed("restore", "no copy of any archive can be used", "each one's line above says why")


def _having(name: ArchiveName, found: dict[Source, Inventory]) -> Iterator[tuple[Source, int]]:
    for source, inventory in found.items():
        if name in inventory.finished:
            yield source, inventory.finished[name]


def _say_unfinished(found: dict[Source, Inventory], wish: Wish, candidates: list[ArchiveName]) -> None:
    """Say which newer archives are passed over because nothing vouches for them."""
    for source, inventory in found.items():
        for name in inventory.unfinished:
            if wish.takes(name) and (not candidates or name > candidates[0]):
                say_error(f"target {source}: {name} has no manifest, so that nothing vouches for it; it is not used")
