from __future__ import annotations

from tests.database.fixtures import hard, psql

__all__ = ["hard", "psql"]
