"""What a run leaves on the host's own disk."""

from __future__ import annotations

import pytest

from harness.scenario import Trial


@pytest.mark.incident(12, 17)
@pytest.mark.promise("dumps")
def test_only_dumps_stay_and_for_postgres_alone(trial: Trial, any_database: str) -> None:
    """Two runs leave the dump and the one before it, 0600 in a 0700 directory; nothing piles up, here or elsewhere."""
    first = trial.backup(any_database)
    second = trial.backup(any_database)
    assert first.succeeded, str(first)
    assert second.succeeded, str(second)

    archive = trial.site.archives[any_database]
    assert archive.dumps, "it keeps no dump: gate.exempt.dumps says why"
    left = second.observed.after.files - first.observed.before.files
    assert left == set(archive.dumps), "the runs left something behind"
    directory = trial.machine.host.file(archive.location)
    assert (directory.user, directory.mode) == ("postgres", 0o700)
    for dump in map(trial.machine.host.file, archive.dumps):
        assert (dump.user, dump.mode) == ("postgres", 0o600)
