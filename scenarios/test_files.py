"""What a run leaves on the host's own disk."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from harness.scenario import Fault, Law, Stall, Trial

UNTIL_HEALED = 3600.0  # seconds


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


@pytest.mark.incident(17)
def test_nobody_else_can_read_what_a_run_writes(trial: Trial, any_database: str) -> None:
    """Neither while the database is dumped, nor while a store takes the archive: no dump, no archive, and no key."""
    store = trial.stores[list(trial.stores)[-1]]
    store.meet(Fault(Stall(UNTIL_HEALED), method="PUT", key="?*"))
    seen = [trial.leaks.readable_files()]
    lock = ExitStack()
    lock.enter_context(trial.world.postgresql.locked(any_database))

    def look() -> None:
        trial.world.postgresql.wait_until_blocked()
        seen.append(trial.leaks.readable_files().union(trial.leaks.in_written_files("nobody")))
        lock.close()
        store.wait_until_met()
        seen.append(trial.leaks.readable_files().union(trial.leaks.in_written_files("nobody")))
        store.heal()

    run = trial.backup(any_database, during=look)
    found = trial.leaks.without_empty(frozenset.union(*seen) - seen[0])
    with trial.laws.about(Law.SECRECY):
        assert not found, f"any user of the machine can read {', '.join(sorted(found))}"
    trial.laws(run)
