"""List the archives of a database that a valid manifest vouches for, newest first; the rest comes apart, with why.

Opening manifests takes a moment each. Archives that no key at hand opens, as on a host that has recipients only, come
by name. Fails if a target cannot be listed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pg_archive.cli import say, say_error
from pg_archive.configuration import Configuration
from pg_archive.holdings import Holdings
from pg_archive.names import is_ahead
from pg_archive.progress import megabytes
from pg_archive.remotes import shown
from pg_archive.source import inventories, sources_of

HELP = "list what can be restored"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("database", metavar="DB")
    parser.add_argument("--target", metavar="TARGET", help="list this one only")
    parser.add_argument("--json", action="store_true", help="as data, sizes in bytes, ages in seconds")


def main(configuration: Configuration, arguments: argparse.Namespace) -> int:
    """Do it."""
    database = configuration.database(arguments.database)
    sources = sources_of(configuration, database, arguments.target)
    found, failed = inventories(sources)
    holdings = Holdings.of(found)
    now = datetime.now(UTC)
    if arguments.json:
        say(json.dumps(_document(holdings, now), indent=1, ensure_ascii=False))
    else:
        _print(holdings, now, [shown(source.target.at(database.prefix)) for source in found])
    dated = [(manifest.archive, manifest.time) for manifest, _ in holdings.archives]
    for name, time in [*dated, *((str(closed.name), closed.name.taken) for closed in holdings.closed)]:
        if is_ahead(time):
            say_error(f"{name} is dated in the future, so that a restore takes it for newer than it is")
    for error in failed:
        say_error(error)
    return failed[0].status if failed else 0


def _document(holdings: Holdings, now: datetime) -> dict[str, Any]:
    return {
        "archives": [
            {
                "archive": manifest.archive,
                "targets": places,
                "time": manifest.time.isoformat(),
                "age": round((now - manifest.time).total_seconds()),
                "size": manifest.ciphertext.size,
                "dumpSize": manifest.dump.size,
                "host": manifest.host,
                "postgresql": manifest.postgresql,
                "rows": sum(manifest.rows.values()),
            }
            for manifest, places in holdings.archives
        ],
        "closed": [
            {
                "archive": str(closed.name),
                "targets": closed.places,
                "time": closed.name.taken.isoformat(),
                "age": round((now - closed.name.taken).total_seconds()),
                "size": closed.size,
                "needs": closed.flag,
            }
            for closed in holdings.closed
        ],
        "apart": [{"target": target, "name": name, "why": why} for target, name, why in holdings.apart],
    }


def _print(holdings: Holdings, now: datetime, places: list[str]) -> None:
    archives = [
        (
            manifest.archive,
            age((now - manifest.time).total_seconds()),
            megabytes(manifest.ciphertext.size),
            megabytes(manifest.dump.size),
            manifest.host,
            ", ".join(places),
        )
        for manifest, places in holdings.archives
    ]
    if archives:
        _print_table([("ARCHIVE", "AGE", "SIZE", "DUMP", "HOST", "TARGETS"), *archives])
    elif places and not holdings.closed:
        say(f"There is no archive that can be restored in {', '.join(places)}.")
    for flag in sorted({closed.flag for closed in holdings.closed}):
        say(f"These cannot be opened without a key, {flag} FILE:")
        closed = [
            (str(each.name), age((now - each.name.taken).total_seconds()), megabytes(each.size), ", ".join(each.places))
            for each in holdings.closed
            if each.flag == flag
        ]
        _print_table([("ARCHIVE", "AGE", "SIZE", "TARGETS"), *closed])
    if holdings.apart:
        say("\nNot usable:")
        for target, name, why in holdings.apart:
            say(f"  target {target}: {name} {why}")


def _print_table(table: Sequence[tuple[str, ...]]) -> None:
    """With the columns between the first and the last to the right."""
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]) - 1)]
    for row in table:
        middle = (text.rjust(width) for text, width in zip(row[1:-1], widths[1:], strict=True))
        say("  ".join([row[0].ljust(widths[0]), *middle, row[-1]]))


def age(seconds: float) -> str:
    """Return seconds as people say them."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
