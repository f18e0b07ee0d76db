"""pg_dump, as the backup unit calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.database.psql import Psql


def dump(psql: Psql, database: str) -> bytes:
    """A plain dump without owners."""
    name = database.replace("\\", "\\\\").replace("'", "\\'")
    result = psql.shell.run(["pg_dump", "--no-owner", f"--dbname=dbname='{name}'"])
    assert result.status == 0, result.stderr.decode()
    return result.stdout
