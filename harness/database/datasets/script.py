"""The SQL that comes with the package."""

from __future__ import annotations

from importlib.resources import files


def script(name: str) -> bytes:
    """Return a file of ``harness/database/datasets/sql/``."""
    return (files("harness.database.datasets") / "sql" / name).read_bytes()
