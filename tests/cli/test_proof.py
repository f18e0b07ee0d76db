"""What `prove` prints and writes of its time."""

from __future__ import annotations

import io
import re

from rich.console import Console

from harness.cli.proof import Proof, show


def test_the_table_of_times_adds_up() -> None:
    proof = Proof(seconds={"thaw": 0.61, "backup": 3.04, "judge": 9.49, "other": 0.36, "total": 13.5})
    said = io.StringIO()
    show(proof, Console(file=said, width=80))
    rows = dict(re.findall(r"│ (\w+)\s+│\s+([\d.]+) │", said.getvalue()))
    assert list(rows) == ["thaw", "backup", "judge", "other", "total"]
    total = float(rows.pop("total"))
    assert round(sum(map(float, rows.values())), 2) == total == 13.5
    assert proof.to_json()["seconds"]["total"] == total
