"""What --quick runs is there."""

from __future__ import annotations

import subprocess
import sys

from harness.evidence.quick import QUICK
from harness.resources import ROOT


def test_each_is_collected() -> None:
    collected = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *QUICK],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert collected.returncode == 0, collected.stdout + collected.stderr
    found = [line for line in collected.stdout.splitlines() if "::" in line]
    assert len(found) == len(QUICK) + 1, found  # the round trip is of each database
