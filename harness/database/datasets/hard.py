"""db2: small and built to be hard: everything a dump must carry, with names and values that break things."""

from __future__ import annotations

from harness.database.datasets.script import script
from harness.database.sql_dataset import SqlDataset

_PARTS = (
    "hard-roles",
    "hard-extensions",
    "hard-types",
    "hard-functions",
    "hard-tables",
    "hard-locales",
    "hard-views",
    "hard-values",
    "hard-large-objects",
    "hard-behaviour",
    "hard-privileges",
    "hard-comments",
)


def hard() -> SqlDataset:
    """Return it. Its roles belong to the cluster: they are created if missing, and stay."""
    return SqlDataset.of("hard", b"\n".join(script(f"{part}.sql") for part in _PARTS))
