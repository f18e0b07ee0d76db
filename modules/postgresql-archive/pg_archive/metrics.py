"""Figures of the last run for node-exporter's textfile collector: one file per database, replaced as a whole.

pg_archive_last_run_timestamp_seconds, pg_archive_last_run_success         of the database
pg_archive_last_success_timestamp_seconds, pg_archive_last_success_bytes,
pg_archive_last_success_seconds, pg_archive_up                             of each target
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_KINDS = {
    "pg_archive_last_run_timestamp_seconds": "When the last run ended",
    "pg_archive_last_run_success": "Whether it succeeded, 1 or 0",
    "pg_archive_up": "Whether the last run put a verified archive into this target, 1 or 0",
    "pg_archive_last_success_timestamp_seconds": "When a verified archive was last put into this target",
    "pg_archive_last_success_bytes": "Its size",
    "pg_archive_last_success_seconds": "How long its delivery took",
}


@dataclass(frozen=True)
class Delivered:
    """A verified archive in a target: ``time`` in seconds since 1970, ``size`` in bytes."""

    time: float
    size: int
    seconds: float


def write(
    directory: Path, database: str, now: float, targets: Mapping[str, Delivered | None], *, success: bool
) -> None:
    """Write what the run that ends ``now`` did; of a target that failed (None) the last success stays as it was.

    Without ``targets`` the run failed before it knew them: all that were there have failed.

    Raises:
        OSError: the directory cannot be written to.
    """
    path = directory / f"pg_archive_{re.sub(r'[^A-Za-z0-9_.-]', '_', database)}.prom"
    earlier = _read(path)
    values: dict[tuple[str, str], float] = {
        ("pg_archive_last_run_timestamp_seconds", _labels(database)): now,
        ("pg_archive_last_run_success", _labels(database)): int(success),
    }
    found_before = {labels: None for kind, labels in earlier if kind == "pg_archive_up"}
    for labels, delivered in (
        {_labels(database, name): each for name, each in targets.items()} or found_before
    ).items():
        values["pg_archive_up", labels] = int(delivered is not None)
        for kind in ("timestamp_seconds", "bytes", "seconds"):
            key = f"pg_archive_last_success_{kind}", labels
            if delivered is not None:
                found = {"timestamp_seconds": delivered.time, "bytes": delivered.size, "seconds": delivered.seconds}
                values[key] = found[kind]
            elif key in earlier:
                values[key] = earlier[key]
    lines = []
    for kind, meaning in _KINDS.items():
        lines += [f"# HELP {kind} {meaning}.", f"# TYPE {kind} gauge"]
        lines += [f"{kind}{labels} {value:.3f}" for (each, labels), value in values.items() if each == kind]
    aside = path.with_suffix(".prom.new")
    aside.write_text("\n".join(lines) + "\n", "utf-8")
    aside.chmod(0o644)  # the exporter is another user
    aside.replace(path)


def _labels(database: str, target: str | None = None) -> str:
    pairs = {"database": database} | ({"target": target} if target is not None else {})
    escaped = {key: value.replace("\\", "\\\\").replace('"', '\\"') for key, value in pairs.items()}
    return "{" + ",".join(f'{key}="{value}"' for key, value in escaped.items()) + "}"


def _read(path: Path) -> dict[tuple[str, str], float]:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    found = {}
    for line in text.splitlines():
        match = re.fullmatch(r"([a-z_]+)(\{.*\}) ([0-9.]+)", line)
        if match:
            found[match[1], match[2]] = float(match[3])
    return found
