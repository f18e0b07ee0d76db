"""What the machine's programs call errors in its journal, though nobody asked for them.

A backup unit's own words are left to the laws, unless nothing went wrong: then it has no error to tell of. The kernel's
are about the emulated machine.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    from harness.trial.trial import Trial

_FIELDS = "_TRANSPORT,UNIT,_SYSTEMD_UNIT,SYSLOG_IDENTIFIER,MESSAGE"
_LIMIT = 60.0  # seconds


def unexpected(trial: Trial, allowed: Collection[str] = ()) -> list[str]:
    """Return the journal's lines of priority ``err`` or worse that none of these regular expressions is found in.

    Raises:
        MachineError: the journal cannot be read.
    """
    since = trial.findings.since
    command = ["journalctl", "--quiet", "--priority=err", since, "--output=json", f"--output-fields={_FIELDS}"]
    entries = [json.loads(line) for line in trial.machine.check(command, timeout=_LIMIT).text.splitlines()]
    units = {archive.unit for archive in trial.site.archives.values()} if _something_went_wrong(trial) else set()
    others = (entry for entry in entries if entry.get("_TRANSPORT") != "kernel" and _unit(entry) not in units)
    return [line for line in map(_line, others) if not any(re.search(pattern, line) for pattern in allowed)]


def _something_went_wrong(trial: Trial) -> bool:
    return any(not run.succeeded for run in trial.findings.runs) or any(store.plans for store in trial.stores.values())


def _unit(entry: dict[str, Any]) -> str:
    """Return the unit that the line is about, or else is of: systemd's lines are about others."""
    return str(entry.get("UNIT") or entry.get("_SYSTEMD_UNIT") or "")


def _line(entry: dict[str, Any]) -> str:
    message = entry.get("MESSAGE") or ""
    text = message if isinstance(message, str) else bytes(message).decode(errors="replace")  # journalctl(1), of JSON
    return f"{entry.get('SYSLOG_IDENTIFIER') or _unit(entry)}: {text}"
