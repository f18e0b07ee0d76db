"""What the stores have after a run: one object each, the same bytes, under a name that says when."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from harness.scenario import Law, Trial


def next_day(fits: Callable[[datetime], bool], hour: int, minute: int, second: int) -> datetime:
    """Return that time of the next day that fits."""
    time = datetime.now(UTC).replace(hour=hour, minute=minute, second=second, microsecond=0)
    return next(day for day in (time + timedelta(days=number) for number in range(1, 3000)) if fits(day))


MOMENTS = [
    pytest.param(
        # A name to the minute is half a minute wrong.
        next_day(lambda day: day.isocalendar().year != day.year, 21, 5, 30),
        id="an evening in a week of another year",
    ),
    # In a shell's arithmetic they are no octal numbers.
    pytest.param(
        next_day(lambda day: (day.month, day.day) == (9, 8), 8, 9, 8), id="8 and 9 alone", marks=pytest.mark.nightly
    ),
]


@pytest.mark.incident(18, 31)
def test_each_run_adds_one_object_to_each_store(trial: Trial, any_database: str) -> None:
    """The second run archives today's rows. Where archives are objects, it adds one, and leaves the first one alone."""
    first = trial.backup(any_database)
    trial.world.postgresql.change(any_database, "CREATE SCHEMA today; CREATE TABLE today.sales AS SELECT 1")
    second = trial.backup(any_database)
    trial.laws(second)

    for name in () if "objects" in trial.site.exempt else trial.stores:
        assert len(first.archives[name]) == 1, f"{name}: {first.archives[name]} after the first run\n{first.journal}"
        assert len(second.archives[name]) == 1, f"{name}: {second.archives[name]} new after the second run"
        archives = (first.archive_at(name), second.archive_at(name))
        listed = [found for archive in archives for found in (archive.object, *archive.companions)]
        assert trial.stores[name].objects() == sorted(listed, key=lambda item: item.key), (
            f"{name}: the second run touched the first one's object"
        )


@pytest.mark.nightly
@pytest.mark.incident(18)
@pytest.mark.promise("dumps")
@pytest.mark.parametrize("gate", ["zstd"], indirect=True)
def test_dumps_were_compressed_otherwise_before(trial: Trial, any_database: str) -> None:
    """The last dump by gzip still lies there, and is not what is archived from now on."""
    old = f"/var/backup/postgresql/{any_database}.sql.gz"
    trial.machine.check(f"umask 077; pg_dump {any_database} | gzip > {old}", user=trial.site.super_user)
    trial.world.postgresql.change(any_database, "CREATE TABLE public.since AS SELECT 1")
    run = trial.backup(any_database)
    assert run.succeeded, str(run)
    trial.laws(run)


@pytest.mark.nightly
@pytest.mark.incident(53)
@pytest.mark.promise("names")
def test_a_run_after_many(trial: Trial, any_database: str) -> None:
    """Each of forty days has an archive: in whatever order they are listed, and whatever goes, the run's own stays."""
    first = trial.backup(any_database)
    assert first.succeeded, str(first)
    for (name, store), day in product(trial.stores.items(), range(1, 41)):
        taken = datetime.now(UTC) - timedelta(days=day)
        for found in first.archive_at(name).objects:
            key = re.sub(r"\d{8}T\d{6}Z", f"{taken:%Y%m%dT%H%M%SZ}", found.key)
            store.put(key, store.fetch(found.key))
    run = trial.backup(any_database)
    assert run.succeeded, str(run)
    trial.laws(run, except_=[Law.KEEPS])


@pytest.mark.promise("names")
@pytest.mark.parametrize("moment", MOMENTS)
def test_the_key_tells_database_and_time_in_utc(trial: Trial, any_database: str, moment: datetime) -> None:
    """``…/<db>/<db>_<UTC>.sql.gz.enc``, with the moment of the run, on a server in Kathmandu (+05:45) too."""
    zone = trial.machine.check("ln -sf /etc/zoneinfo/Asia/Kathmandu /etc/localtime && date +%z").text
    assert zone == "+0545"
    trial.world.clock.go_ahead(moment - datetime.now(UTC))
    before = trial.world.clock.now()
    run = trial.backup(any_database)
    after = trial.world.clock.now()

    for store in trial.stores:
        key = run.archive_at(store).key
        match = re.fullmatch(rf"databases/{any_database}/{any_database}_(\d{{8}}T\d{{6}}Z)\.sql\.gz\.enc", key)
        assert match, f"{store}: unexpected object key {key!r}"
        stamp = datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        assert before - timedelta(seconds=1) <= stamp <= after, f"{store}: {key} is not from {before} to {after}"
