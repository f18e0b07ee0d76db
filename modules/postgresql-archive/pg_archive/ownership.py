"""Names for temporary things that say which process made them, so that the next one removes what a killed one left."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import socket
from contextlib import suppress
from pathlib import Path

_START = "pg_archive_"
_MACHINE = Path("/etc/machine-id")
_NAME = re.compile(rf"{_START}([0-9a-f]{{8}})_([0-9a-f]{{8}})_([0-9]+)_[0-9a-f]{{8}}")


def temporary_name() -> str:
    """Return a name of at most 63 characters that no other process, host or call takes."""
    return f"{_START}{_host()}_{_boot()}_{os.getpid()}_{secrets.token_hex(4)}"


def is_abandoned(name: str) -> bool:
    """Whether ``name`` is one of this host's, made by a process that is no more."""
    match = _NAME.fullmatch(name)
    if match is None or match[1] != _host():
        return False
    return match[2] != _boot() or not _runs(int(match[3]))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)  # unlike /proc, it knows of those of other users, whatever hidepid= is
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


def _host() -> str:
    """Its name alone is not enough: two machines of one name may use one PostgreSQL server."""
    machine = b""
    with suppress(OSError):
        machine = _MACHINE.read_bytes()
    return hashlib.sha256(machine + socket.gethostname().encode()).hexdigest()[:8]


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text("ascii")[:8]
