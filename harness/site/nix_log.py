"""Nix's output as data: errors in 2.8 (Debian 12) and 2.26 (13) have the same fields, but other words.

``--log-format internal-json`` (src/libutil/logging.cc of Nix): one a line, "@nix " and an object. Errors are messages
of level 0 with the bare text, its place, and with ``--show-trace`` the frames around it, innermost first.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

LOG_FORMAT = ("--log-format", "internal-json")

_PREFIX = "@nix "
_BUILD = 105  # an activity: a derivation is built
_BUILD_LINE = 101  # a result of an activity: the builder's output
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Place:
    """A line in a file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Frame:
    """An evaluation step, and its place in a file, if known."""

    text: str
    place: Place | None


@dataclass(frozen=True)
class NixFailure(Frame):
    """An error, and the steps that led to it."""

    trace: tuple[Frame, ...]
    """Innermost first; empty without ``--show-trace``."""
    meant: str
    """Nix's suggestion for an unknown name, "" if none."""


@dataclass
class NixLog:
    """The output of one Nix run."""

    failures: list[NixFailure] = field(default_factory=list)
    builds: dict[str, list[str]] = field(default_factory=dict)
    """The derivations it began to build, and their builders' output."""
    lines: list[str] = field(default_factory=list)
    """All of it, for people."""

    @property
    def text(self) -> str:
        """All of it, for people."""
        return "\n".join(self.lines)


def read_log(stderr: str) -> NixLog:
    """Parse Nix's stderr in :data:`LOG_FORMAT`; lines in another format are kept unchanged."""
    log = NixLog()
    building: dict[int, str] = {}
    for line in stderr.splitlines():
        if (entry := _entry(line)) is None:
            log.lines.append(line)
            continue
        match entry:
            case {"action": "msg", "msg": str(shown)}:
                shown = _COLOUR.sub("", shown)
                log.lines.append(shown)
                if entry.get("level") == 0 and "raw_msg" in entry:
                    log.failures.append(_failure(entry, shown))
            case {"action": "start", "type": int(kind), "id": int(activity), "fields": [str(derivation), *_]}:
                if kind == _BUILD:
                    building[activity] = derivation
                    log.builds[derivation] = []
            case {"action": "result", "type": int(kind), "id": int(activity), "fields": [str(printed), *_]}:
                if kind == _BUILD_LINE and activity in building:
                    log.builds[building[activity]].append(printed)
                    log.lines.append(f"{building[activity]}> {printed}")
    return log


def _entry(line: str) -> dict[str, Any] | None:
    if not line.startswith(_PREFIX):
        return None
    try:
        entry = json.loads(line.removeprefix(_PREFIX))
    except ValueError:  # a line that was cut off
        return None
    return entry if isinstance(entry, dict) else None


def _failure(entry: dict[str, Any], shown: str) -> NixFailure:
    meant, question, _ = shown.partition("Did you mean ")[2].partition("?")
    return NixFailure(
        _text(entry),
        _place(entry),
        trace=tuple(Frame(_text(each), _place(each)) for each in entry.get("trace") or ()),
        meant=meant if question else "",
    )


def _text(entry: dict[str, Any]) -> str:
    return _COLOUR.sub("", entry["raw_msg"]).strip()


def _place(entry: dict[str, Any]) -> Place | None:
    file, line = entry.get("file"), entry.get("line")
    if not file or not line:
        return None
    return Place(file.removesuffix(f":{line}:{entry.get('column')}"), line)  # 2.26 writes these into the name
