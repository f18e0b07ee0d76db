"""Which archives a retention keeps, as ``restic forget`` does it; and the removal of the others from one target."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pg_archive.cli import say
from pg_archive.configuration import Retention
from pg_archive.errors import TargetError
from pg_archive.names import ArchiveName, is_ahead
from pg_archive.source import Source

_PERIODS: dict[str, Callable[[datetime], object]] = {
    "hourly": lambda time: time.strftime("%Y%m%d%H"),
    "daily": lambda time: time.strftime("%Y%m%d"),
    "weekly": lambda time: time.isocalendar()[:2],
    "monthly": lambda time: time.strftime("%Y%m"),
}

_RECENT = timedelta(days=1)
"""What is younger may be in the works, or not listed yet."""


def kept(names: Iterable[ArchiveName], retention: Retention) -> dict[ArchiveName, list[str]]:
    """Return what to keep, newest first, and why: of the last N periods that have any, the newest of each; in UTC."""
    newest_first = sorted(names, reverse=True)
    reasons: dict[ArchiveName, list[str]] = {name: [] for name in newest_first}
    for name in newest_first[: retention.last]:
        reasons[name].append("last")
    for rule, period in _PERIODS.items():
        seen: set[object] = set()
        for name in newest_first:
            key = period(name.taken)
            if key not in seen and len(seen) < getattr(retention, rule):
                seen.add(key)
                reasons[name].append(rule)
    return {name: why for name, why in reasons.items() if why}


@dataclass(frozen=True)
class Plan:
    """For one target, newest first."""

    keep: dict[ArchiveName, list[str]]
    remove: list[ArchiveName]
    broken: list[TargetError]
    """Archives that were to count for the floor and that nothing vouches for."""
    orphans: list[ArchiveName]
    """Archives that are gone, and of which the manifest is left, as of a removal that was interrupted."""


class _Manifests:
    """Of a target's finished archives, each opened once."""

    def __init__(self, source: Source, finished: Mapping[ArchiveName, int]) -> None:
        self._source = source
        self._finished = finished
        self._hosts: dict[ArchiveName, str | None] = {}
        self.faults: dict[ArchiveName, TargetError] = {}

    def host(self, name: ArchiveName) -> str | None:
        """Return the host that made an archive; "" if no key here tells, None if nothing vouches for it."""
        if name not in self._hosts:
            try:
                # Without a key, that it is there must do.
                lacks = self._source.lacks(name)
                self._hosts[name] = "" if lacks else self._source.manifest(name, self._finished[name]).host
            except TargetError as error:
                self._hosts[name] = None
                self.faults[name] = error
        return self._hosts[name]


def _check_hosts(source: Source, manifests: _Manifests, newest: list[ArchiveName]) -> None:
    """See that one host made them: else the newest of each hour is the later one's, and the other's all go.

    Of the newest alone: with them, a host that was renamed heals.

    Raises:
        TargetError: two did.
    """
    made = [(name, host) for name in newest if (host := manifests.host(name))]
    for name, host in made[1:]:
        if host != made[0][1]:
            cause = f"{name} is of the host {host}, and {made[0][0]} of the host {made[0][1]}"
            mend = "give each host a path of its own; nothing was removed"
            mend += f" (a host that was renamed: wait until it has made {len(newest)} archives)"
            raise TargetError(str(source), "retention", cause, mend)


def plan(source: Source, retention: Retention, own: ArchiveName | None = None) -> Plan:
    """Decide for a target: only finished archives are looked at, and of those with a valid manifest a floor is kept.

    A run's ``own`` is always kept. What is dated in the future stays, and counts for nothing: one clock that was ahead
    would push all others out.

    Raises:
        TargetError: it cannot be listed, or another host archives there, too.
    """
    inventory = source.inventory()
    finished = inventory.finished
    past = {name for name in finished if not is_ahead(name.taken)}
    keep = kept(past, retention)
    if own in finished:
        keep.setdefault(own, ["this run's"])
    manifests = _Manifests(source, finished)
    _check_hosts(source, manifests, sorted(past, reverse=True)[: max(2, retention.floor)])
    verified, broken = 0, []
    # Those that are kept anyway first: then the newest of the others fill up to the floor.
    others = sorted(past - keep.keys(), reverse=True)
    for name in [*keep, *others]:
        if verified >= retention.floor:
            break
        if manifests.host(name) is not None:
            verified += 1
            keep.setdefault(name, ["floor"])
        else:
            broken.append(manifests.faults[name])
    for name in finished.keys() - past:
        keep.setdefault(name, ["in the future"])
    remove = [name for name in others if name not in keep] if verified >= retention.floor else []
    orphans = [name for name in inventory.orphans if name.taken < datetime.now(UTC) - _RECENT]
    return Plan(dict(sorted(keep.items(), reverse=True)), remove, broken, orphans)


def carry_out(source: Source, found: Plan) -> None:
    """Delete archives, oldest first, each before its manifest: what is left of an interruption is no archive.

    Raises:
        TargetError: one cannot be deleted.
    """
    for name in sorted(found.remove):
        source.delete(str(name))
        source.delete(name.manifest)
    for name in found.orphans:
        if not source.has(str(name)):  # a listing may lag
            source.delete(name.manifest)
            say(f"Target {source}: {name.manifest}, whose archive is gone, is removed.")
