"""The real failures that scenarios repeat: docs/incidents.md, read."""

from __future__ import annotations

import re
from functools import cache

from harness import resources

_ROW = re.compile(r"\| (\d+) \| (.+?) \| .* \|")


@cache
def incidents() -> dict[int, str]:
    """Return what happened, by number."""
    rows = map(_ROW.fullmatch, (resources.ROOT / "docs" / "incidents.md").read_text(encoding="utf-8").splitlines())
    return {int(row[1]): row[2] for row in rows if row}
