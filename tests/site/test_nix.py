"""Runs of Nix side by side in one Nix store."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from harness.host.deadline import Deadline
from harness.site.nix import nix, place

if TYPE_CHECKING:
    from pathlib import Path

_SLOW = """
derivation {{
  name = "slow-{}"; system = "x86_64-linux"; builder = "/bin/sh";
  args = [ "-c" "/bin/date +%s.%N > $out; /bin/sleep 0.5; /bin/date +%s.%N >> $out" ];
}}
"""


def test_one_builds_at_a_time(nix_store: Path) -> None:
    """Two that build the same waited for each other without end, each with a lock that the other needed (Nix 2.8)."""

    def build(number: int) -> tuple[float, float]:
        arguments = ["--no-out-link", "--expr", _SLOW.format(number)]
        built = nix("nix-build", arguments, nix_store=nix_store, deadline=Deadline(60))
        assert built.returncode == 0, built.stderr
        begun, ended = map(json.loads, (place(nix_store) / built.stdout.strip().lstrip("/")).read_text().split())
        return begun, ended

    with ThreadPoolExecutor(3) as pool:
        first, second, third = sorted(pool.map(build, range(3)))
    assert first[1] < second[0]
    assert second[1] < third[0]
