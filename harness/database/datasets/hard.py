"""db2: small and built to be hard: everything a dump must carry, with names and values that break things."""

from __future__ import annotations

from harness.database.dataset import Dataset
from harness.database.datasets.script import script

_PARTS = (
    "hard-roles",
    "hard-extensions",
    "hard-types",
    "hard-functions",
    "hard-tables",
    "hard-views",
    "hard-values",
    "hard-large-objects",
    "hard-behaviour",
    "hard-privileges",
    "hard-comments",
)


def hard() -> Dataset:
    """Return it. Its roles belong to the cluster: they are created if missing, and stay."""
    return Dataset("hard", b"\n".join(script(f"{part}.sql") for part in _PARTS))
