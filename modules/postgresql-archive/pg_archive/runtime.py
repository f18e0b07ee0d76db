"""The unit's private directory, where its steps leave notes for each other until the unit ends."""

from __future__ import annotations

import os
from pathlib import Path

from pg_archive.cli import say_error
from pg_archive.errors import ConfigurationError

BEGUN = "begun"
"""The dump comes next."""
ARCHIVING = "archiving"
"""The archive step has begun."""
REPORTED = "reported"
"""Monitoring was told how the run ended, or another run tells it."""


def stamp_file() -> Path:
    """Return where the note of the dump before this run lies.

    Raises:
        ConfigurationError: the unit has no RuntimeDirectory=.
    """
    directory = _directory()
    if directory is None:
        mend = "set RuntimeDirectory= in the unit; by hand, `pg-archive run` takes --since"
        raise ConfigurationError("RUNTIME_DIRECTORY", "is not set", mend)
    return directory / "begun.json"


def note(state: str) -> None:
    """Note how far the unit's run is; by hand there is no unit."""
    directory = _directory()
    if directory is None:
        return
    try:
        (directory / "state").write_text(state, "ascii")
    except OSError as error:
        say_error(f"{error.filename}: {error.strerror}; a failure may be reported twice")


def noted() -> str:
    """Return what was noted last, "" if nothing."""
    directory = _directory()
    try:
        return (directory / "state").read_text("ascii") if directory is not None else ""
    except OSError:
        return ""


def _directory() -> Path | None:
    text = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return Path(text) if text else None
