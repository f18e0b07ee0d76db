"""What rclone says when something fails, as one line, and what an operator can do about it."""

from __future__ import annotations

import json
import re

from pg_archive.errors import NotFound, ProgramFailed
from pg_archive.remotes import without_parameters

# The first that matches counts: S3 answers a wrong key and a wrong clock with 403, too.
_MENDS = (
    (r"signaturedoesnotmatch|invalidaccesskeyid", "check the key in rclone's configuration"),
    (r"requesttimetooskewed|time may be set wrong", "set this host's clock"),
    (r"\b403\b|accessdenied|access denied|permission denied|unauthorized|\b401\b", "check what this key may do there"),
    (r"nosuchbucket|bucket does not exist|directory not found", "check the bucket's name"),
    (r"no such host|lookup .*: ", "check the host name and this host's DNS"),
    (r"certificate|x509", "check the store's certificate and this host's certificate authorities"),
    (r"connection refused|unreachable|i/o timeout|timeout", "check that the store is up and reachable from here"),
    (
        r"\b503\b|slowdown|\b500\b|internalerror|\b429\b|reset|\beof\b",
        "look at the provider's status; the next run tries again",
    ),
    (r"no space|quota", "free space there"),
    (r"unknown flag|couldn't find method", "this rclone is too old; take 1.60 or newer"),
    (r"could not parse", "write NAME = VALUE below [REMOTE] in that file"),
    (r"didn't find section", "check the remote's name in rclone's configuration"),
)


def failure(step: str, cause: str, *, found: bool = True) -> ProgramFailed:
    """Return the error for what rclone complained of; not ``found``: there is no such file or directory."""
    said = _without_repetition(cause)
    mend = next((mend for pattern, mend in _MENDS if re.search(pattern, said, re.IGNORECASE)), "")
    return ProgramFailed(step, said, mend) if found else NotFound(step, said, mend)


def message(line: str) -> str:
    """Return what a line of rclone's log says."""
    try:
        return str(json.loads(line)["msg"])
    except (ValueError, KeyError, TypeError):
        return line


def _without_repetition(cause: str) -> str:
    # rclone quotes the line, which may be the one with the secret.
    cause = re.sub(
        r"(could not parse) (line): .*", r"\1 a \2: it is not shown, as it may be a secret", cause, flags=re.DOTALL
    )
    text = re.sub(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ", "", cause)
    text = text.removeprefix("panic received: fatal error: ")
    text = re.sub(r"^(Failed to \S+( with \d+ errors)?|Fatal error|CRITICAL): (last error was: )?", "", text)
    return re.sub(r"\s+", " ", without_parameters(text)).strip()[:400]
