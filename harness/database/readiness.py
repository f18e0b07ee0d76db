"""Waiting for PostgreSQL to serve databases."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from harness.database.psql import DatabaseError, LimitMet
from harness.errors import GateError
from harness.host.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.database.psql import Psql

_LIMIT = 300.0  # seconds for PostgreSQL to create its cluster and the databases, or to recover
_POLL = 0.5  # seconds


def await_databases(psql: Psql, databases: Iterable[str]) -> None:
    """Wait until PostgreSQL serves all databases. Raises GateError after five minutes."""
    deadline = Deadline(_LIMIT)
    error = ""
    while not deadline.passed:
        try:
            missing = set(databases) - set(psql.databases())
        except (DatabaseError, LimitMet) as refused:
            error = str(refused)
        else:
            if not missing:
                return
            error = f"databases missing: {', '.join(sorted(missing))}"
        time.sleep(_POLL)
    message = f"PostgreSQL was not ready within {_LIMIT:.0f} s on this site: {error}"
    raise GateError(message)
