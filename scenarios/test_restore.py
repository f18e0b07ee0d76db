"""The worst day: a machine that has never seen the site, rclone's configuration, the keys, and the module's program."""

from __future__ import annotations

from itertools import cycle, product

import pytest

from harness.scenario import Elsewhere, Fault, NotApplicable, Page, Refuse, Trial

pytestmark = pytest.mark.promise("restores")


@pytest.mark.incident(44, 45, 46, 47, 48)
@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.nightly)], ids=["each", "all"])
def test_on_another_machine(trial: Trial, elsewhere: Elsewhere, *, every: bool) -> None:
    """Each database comes back from one store alone, say the oracle, pg_dump and pg_amcheck; or from each."""
    runs = [trial.backup(database) for database in trial.site.databases]
    pairs = product(runs, trial.stores) if every else zip(runs, cycle(trial.stores))
    for run, store in pairs:
        for name, other in trial.stores.items():
            if name == store:
                other.restart()
            else:
                other.stop()
        restored = elsewhere.restore(run.database, only=store)
        assert restored.succeeded, f"{run.database} does not come back from {store}:\n{restored.said}"
        differences = elsewhere.differences(run, restored)
        assert not differences, f"{run.database} from {store}: {'; '.join(differences)}"


@pytest.mark.nightly
def test_with_one_store_gone(trial: Trial, elsewhere: Elsewhere, any_database: str) -> None:
    """The other is enough, whichever it is; the operator is told."""
    run = trial.backup(any_database)
    for name, store in trial.stores.items():
        store.stop()
        restored = elsewhere.restore(any_database)
        assert restored.succeeded, f"with {name} gone, nothing comes back:\n{restored.said}"
        assert name in restored.said, f"nobody hears that {name} is gone:\n{restored.said}"
        assert elsewhere.differences(run, restored) == []
        store.restart()


@pytest.mark.nightly
@pytest.mark.incident(21)
@pytest.mark.promise("serves")
def test_with_a_store_that_missed_the_newest(trial: Trial, elsewhere: Elsewhere, any_database: str) -> None:
    """The other's is restored, whichever it is and however short the pages of a listing are, and no older one."""
    if len(trial.stores) == 1:
        raise NotApplicable("it takes two stores, and the site has one")
    assert trial.backup(any_database).succeeded
    for name, store in trial.stores.items():
        trial.world.postgresql.change(any_database, f'CREATE TABLE public."missed by {name}" ()')
        store.meet(Fault(Refuse(507), method="PUT"))
        newest = trial.backup(any_database)
        for each in trial.stores.values():
            each.meet(Fault(Page(1), operation="ListObjects*"))
        restored = elsewhere.restore(any_database)
        assert restored.succeeded, f"{name} missed the newest, and nothing comes back:\n{restored.said}"
        differences = elsewhere.differences(newest, restored)
        assert not differences, f"{name} missed the newest: {'; '.join(differences)}\n{restored.said}"


@pytest.mark.nightly
@pytest.mark.incident(29, 43)
@pytest.mark.promise("objects")
def test_with_the_newest_archive_damaged(trial: Trial, elsewhere: Elsewhere, any_database: str) -> None:
    """In one store: the other's is taken. In each: nothing is restored, unless an older one will do."""
    older = trial.backup(any_database)
    trial.world.postgresql.change(any_database, "CREATE TABLE public.newest ()")
    newest = trial.backup(any_database)
    for name, store in trial.stores.items():
        archive = newest.archive_at(name)
        store.put(archive.key, archive.fetch()[:-100] + bytes(100))
        restored = elsewhere.restore(any_database)
        last = name == list(trial.stores)[-1]
        assert restored.succeeded != last, f"after {name}'s was damaged:\n{restored.said}"
        assert last or elsewhere.differences(newest, restored) == []
    trial.world.postgresql.change(any_database, "DROP TABLE public.newest")  # as the older one has it
    restored = elsewhere.restore(any_database, or_older=True)
    assert restored.succeeded, f"there is an older one, and it does not come back:\n{restored.said}"
    assert elsewhere.differences(older, restored) == []


@pytest.mark.nightly
@pytest.mark.incident(30)
@pytest.mark.promise("objects")
def test_beside_a_database_whose_name_begins_alike(
    trial: Trial, elsewhere: Elsewhere, any_database: str, another_database: str
) -> None:
    """A newer archive of db10 or db1_old, which is really of the other database, is none of db1."""
    first, other = another_database, any_database
    run, newer = trial.backup(first), trial.backup(other)
    for store in trial.stores.values():
        for found in store.objects():
            for alike in (f"{first}0", f"{first}_old") if other in found.key else ():
                store.put(found.key.replace(other, alike), store.fetch(found.key))
    restored = elsewhere.restore(first)
    assert newer.succeeded
    assert restored.succeeded, f"{first} does not come back:\n{restored.said}"
    assert elsewhere.differences(run, restored) == []


@pytest.mark.nightly
@pytest.mark.incident(49)
def test_of_a_database_whose_bytes_are_no_utf_8(trial: Trial, elsewhere: Elsewhere, any_database: str) -> None:
    """As in a database in SQL_ASCII, with text in Latin-1: they come back as they were."""
    trial.world.postgresql.recreate(any_database, "ENCODING 'SQL_ASCII' LOCALE 'C'")
    trial.world.postgresql.change(any_database, r"CREATE TABLE public.t AS SELECT E'caf\xe9' AS t")
    run = trial.backup(any_database)
    trial.laws(run)
    restored = elsewhere.restore(any_database)
    assert restored.succeeded, f"{any_database} does not come back:\n{restored.said}"
    assert elsewhere.differences(run, restored) == []
