"""What all targets have of a database, manifests opened: what can be restored, and what cannot, with why."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pg_archive.errors import TargetError
from pg_archive.manifest import Manifest
from pg_archive.names import ArchiveName
from pg_archive.progress import Progress, counted
from pg_archive.source import Inventory, Source


@dataclass(frozen=True)
class Closed:
    """An archive with a manifest, and the targets that have it in this size."""

    name: ArchiveName
    size: int
    flag: str
    """What would give the key."""
    places: list[str]


@dataclass(frozen=True)
class Holdings:
    """Archives, newest first, each with the targets that have it; the same name in two places may be two archives."""

    archives: list[tuple[Manifest, list[str]]]
    apart: list[tuple[str, str, str]]
    """Target, name, why it cannot be used."""
    closed: list[Closed]
    """What no key at hand opens, newest first: nothing but its name and size is known."""

    @classmethod
    def of(cls, found: dict[Source, Inventory]) -> Holdings:
        """Open all manifests, several at a time: each costs a download and the key's derivation."""
        finished = [(source, name, size) for source, each in found.items() for name, size in each.finished.items()]
        wanted = [(source, name, size) for source, name, size in finished if not source.lacks(name)]
        progress = Progress("Reading manifests", len(wanted), shown=counted, to=sys.stderr)
        opened: list[Manifest | TargetError] = []
        with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
            for manifest in pool.map(_opened, wanted):
                opened.append(manifest)
                progress.add(1)
        archives: dict[str, tuple[Manifest, list[str]]] = {}
        apart = [(str(source), name, why) for source, each in found.items() for name, why in each.apart.items()]
        for (source, name, _), manifest in sorted(zip(wanted, opened, strict=True), key=_by_name, reverse=True):
            if isinstance(manifest, TargetError):
                apart.append((str(source), str(name), f"fails: {manifest.cause}"))
                continue
            # As text, which is quick to look up: both copies have what one run wrote.
            archives.setdefault(manifest.to_json(), (manifest, []))[1].append(str(source))
        closed: dict[tuple[ArchiveName, int], Closed] = {}
        for source, name, size in finished:
            if flag := source.lacks(name):
                closed.setdefault((name, size), Closed(name, size, flag, [])).places.append(str(source))
        return cls(list(archives.values()), apart, [closed[key] for key in sorted(closed, reverse=True)])


def _opened(wanted: tuple[Source, ArchiveName, int]) -> Manifest | TargetError:
    source, name, size = wanted
    try:
        return source.manifest(name, size)
    except TargetError as error:
        return error


def _by_name(pair: tuple[tuple[Source, ArchiveName, int], Manifest | TargetError]) -> ArchiveName:
    return pair[0][1]
