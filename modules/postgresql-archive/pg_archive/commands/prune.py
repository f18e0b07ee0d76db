"""Delete the archives that a target's retention does not keep.

It counts as `restic forget` does, in UTC: --keep-daily 7 keeps the newest archive of each of the last 7 days that have
one. Only archives with a manifest are deleted, and none while a target has fewer than --floor that their manifests
vouch for. What a removal that was interrupted left of an archive, its manifest, goes too when a day old. Without
--keep-… the configured retention counts.
"""

from __future__ import annotations

import argparse

from pg_archive.cli import say, say_error
from pg_archive.configuration import Configuration, Retention
from pg_archive.errors import ConfigurationError, SomeTargetsFailed, TargetError
from pg_archive.retention import carry_out, plan
from pg_archive.source import Source, sources_of

HELP = "delete archives by a retention"
_RULES = {
    "last": "the N newest",
    "hourly": "the newest of each of the last N hours that have one",
    "daily": "the same for days",
    "weekly": "the same for weeks",
    "monthly": "the same for months",
}


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("database", metavar="DB")
    parser.add_argument("--target", metavar="TARGET", help="delete in this one only")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be deleted")
    for rule, what in _RULES.items():
        parser.add_argument(f"--keep-{rule}", metavar="N", type=_count, default=0, help=f"keep {what}")
    parser.add_argument(
        "--floor", metavar="N", type=_count, help="never leave a target with fewer than N valid archives (default: 3)"
    )


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


def main(configuration: Configuration, arguments: argparse.Namespace) -> int:
    """Do it."""
    counts = {rule: getattr(arguments, f"keep_{rule}") for rule in _RULES}
    given = Retention(**counts, floor=arguments.floor or Retention.floor) if any(counts.values()) else None
    if given is None and arguments.floor:
        raise ConfigurationError("--floor", "is given without --keep-…", "give both, or configure the retention")
    sources = sources_of(configuration, configuration.database(arguments.database), arguments.target)
    chosen = [(source, given or source.target.options.retention) for source in sources]
    if all(retention is None for _, retention in chosen):
        raise ConfigurationError("retention", "is not configured", "set it, or give --keep-last, --keep-daily, …")
    for source in sources:
        if source.target.refuses:
            say(f"Nothing is deleted in target {source}: {source.target.refuses}.")
    results = [
        _prune(source, retention, arguments.dry_run)
        for source, retention in chosen
        if retention is not None and not source.target.refuses
    ]
    if not all(results):
        raise SomeTargetsFailed("prune", "some targets failed", "each one's line above says why and what to do")
    return 0


def _prune(source: Source, retention: Retention, dry_run: bool) -> bool:
    try:
        found = plan(source, retention)
        for error in found.broken:
            say_error(error)
        for name, reasons in found.keep.items():
            say(f"target {source}: keeps {name} ({', '.join(reasons)})")
        for name in found.remove:
            say(f"target {source}: {'would delete' if dry_run else 'deletes'} {name}")
        if dry_run:
            for name in found.orphans:
                say(f"target {source}: would delete {name.manifest}, whose archive is gone")
        else:
            carry_out(source, found)
    except TargetError as error:
        say_error(error)
        return False
    return True
