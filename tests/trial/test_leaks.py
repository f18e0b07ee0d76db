"""Which files with a secret count as left on the disk. What the search finds is given here."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from harness.trial.leaks import Leaks


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("/var/lib/pg-archive/rclone.conf", True),
        ("/var/lib/postgresql/rclone.conf", True),  # the home of the user, not the server's data
        ("/var/lib/postgresql/15/main/base/5/16384", False),
        ("/var/lib/postgresql/17/pg_wal/000000010000000000000001", False),
        ("/run/secrets/rclone.conf", False),  # in memory
        ("/var/backup/postgresql/db1.sql", False),
        ("/var/backup/postgresql/db1.sql.key", True),
        ("/var/lib/spool/db1/key", False),
    ],
)
def test_what_stays_on_the_disk(path: str, counts: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    stays = ("/var/backup/postgresql/db1.sql", "/var/lib/spool/")
    site: Any = SimpleNamespace(archives={"db1": SimpleNamespace(stays=stays)})
    none: Any = None
    leaks = Leaks(none, site=site, secrets=none)
    monkeypatch.setattr(leaks, "in_written_files", lambda user: [path] if user == "root" else [])
    assert leaks.kept_on_disk() == ({path} if counts else set())
