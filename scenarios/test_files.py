"""What a run leaves on the host's own disk."""

from __future__ import annotations

import pytest

from harness.scenario import Trial


@pytest.mark.incident(12, 17)
@pytest.mark.promise("dumps")
def test_only_dumps_stay_and_for_postgres_alone(trial: Trial, any_database: str) -> None:
    """Two runs leave the dump and the one before it, 0600 in a 0700 directory; nothing piles up, here or elsewhere."""
    places = ("/var/backup", "/tmp", "/var/tmp", "/dev/shm")
    before = trial.machine.files(*places)
    first = trial.backup(any_database)
    second = trial.backup(any_database)
    assert first.succeeded, first.journal
    assert second.succeeded, second.journal

    assert trial.machine.files(*places) - before == {
        f"/var/backup/postgresql/{any_database}.sql.gz",
        f"/var/backup/postgresql/{any_database}.prev.sql.gz",
    }, "the runs left something behind"
    host = trial.machine.host
    dump = host.file(f"/var/backup/postgresql/{any_database}.sql.gz")
    directory = host.file("/var/backup/postgresql")
    assert (dump.user, dump.mode) == ("postgres", 0o600)
    assert (directory.user, directory.mode) == ("postgres", 0o700)
