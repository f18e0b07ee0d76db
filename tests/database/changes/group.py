"""What PostgreSQL's SQL reference can change, as data; judged by pg_dump in ../test_changes.py.

``me`` stands for the name of the change's own schema, which is its search_path, and begins the names of what is in no
schema; so the text of a dump and the objects of a fingerprint tell whose they are, and all changes share a database.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_ME = re.compile(r"\bme(?=\b|_)")


@dataclass(frozen=True)
class Group:
    """Changes of the same thing, each made to one of its own."""

    setup: str
    carried: Sequence[str] = ()
    """pg_dump writes it, so the fingerprint must see it."""
    left_out: Sequence[str] = ()
    """pg_dump does not write it, and the restored database counts as equal."""
    lost: Sequence[str] = ()
    """pg_dump cannot bring it back, so that the restored database counts as different; the verdict explains it."""
    alone: bool = False
    """It has no name of its own, or concerns all of the database: it has a database to itself."""
    restores: bool = True
    """False: this server lacks what the dump needs."""
    since: int = 15
    """PostgreSQL's first major that has it."""


def named(sql: str, me: str) -> str:
    """Put a change's name into its SQL."""
    return _ME.sub(me, sql)
