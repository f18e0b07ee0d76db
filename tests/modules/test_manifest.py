"""What a manifest's reader may rely on; that it vouches for its archive, tests of restore and verify see."""

from __future__ import annotations

from datetime import UTC, datetime

from pg_archive.manifest import Manifest
from pg_archive.openpgp import digest


def test_nothing_of_a_forged_host_reaches_a_terminal() -> None:
    """Who knows an age recipient can make a manifest, and an operator reads the host in a list."""
    nothing = digest(b"")
    forged = Manifest(
        "db1_20261122T101503Z.sql.age",
        "db1",
        "shop1\x1b[2J\nRestored.\x9b",
        "15",
        datetime(2026, 11, 22, tzinfo=UTC),
        nothing,
        nothing,
        "none",
        "age",
        {},
    )
    assert Manifest.from_json(forged.to_json()).host == "shop1?[2J?Restored.?"
