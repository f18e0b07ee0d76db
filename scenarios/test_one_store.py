"""Something goes wrong at one store: the others are served, the operator is told, and the next run heals it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from harness.scenario import Cause, Connection, Fault, FlipBit, Lag, Law, NotApplicable, Refuse, Slow, Trial, Truncate

NIGHTLY = pytest.mark.nightly
incident = pytest.mark.incident
# Of a module that takes one store after the other, the first that fails may keep the others from being served, and
# the last that does not may make the run green.
FIRST, LAST = 0, -1
FOR_A_MOMENT = [
    pytest.param(LAST, Fault(Refuse(503), method="PUT", nth=1), id="one upload refused, 503", marks=NIGHTLY),
    pytest.param(FIRST, Fault(Refuse(403), method="PUT", nth=1), id="one upload refused, 403"),
    pytest.param(LAST, Fault(FlipBit(8000), method="PUT", nth=1), id="one upload damaged in transit"),
    pytest.param(
        FIRST,
        Fault(Refuse(500), method="PUT", nth=1, served=True),
        id="one upload stored, then answered 500",
        marks=NIGHTLY,
    ),
    pytest.param(LAST, Fault(Refuse(500), method="PUT", served=True), id="each upload stored, then 500", marks=NIGHTLY),
    # As of what belongs to an archive, and is uploaded after it.
    pytest.param(
        FIRST,
        Fault(Refuse(403), method="PUT", key="?*", from_nth=2),
        id="all uploads but the first refused",
        marks=NIGHTLY,
    ),
]
FOR_GOOD = [
    pytest.param(FIRST, Fault(Refuse(403)), Cause.DENIED, id="keys revoked"),
    pytest.param(
        LAST, Fault(Refuse(503, retry_after=1)), Cause.SLOW_DOWN, id="too many requests", marks=[NIGHTLY, incident(22)]
    ),
    pytest.param(FIRST, Fault(Refuse(429, retry_after=1)), Cause.TOO_MANY, id="too many requests, 429", marks=NIGHTLY),
    pytest.param(
        LAST, Fault(Refuse(400, code="ExpiredToken"), from_nth=2), Cause.KEYS_EXPIRED, id="keys expire", marks=NIGHTLY
    ),
    pytest.param(FIRST, Fault(Refuse(507), method="P*"), Cause.STORE_FULL, id="store full, 507", marks=NIGHTLY),
    pytest.param(
        LAST,
        Fault(Truncate(1000), method="PUT"),
        Cause.OTHER_BYTES,
        id="uploads cut short",
        marks=[NIGHTLY, incident(27)],
    ),
    pytest.param(FIRST, Connection.REFUSED, Cause.REFUSED, id="connection refused", marks=NIGHTLY),
    pytest.param(
        FIRST,
        Connection.CERTIFICATE_BY_ANOTHER_CA,
        Cause.CERTIFICATE,
        id="certificate by an unknown authority",
        marks=[NIGHTLY, incident(32)],
    ),
    pytest.param(
        LAST,
        Connection.CERTIFICATE_EXPIRED,
        Cause.CERTIFICATE,
        id="certificate expired",
        marks=[NIGHTLY, incident(32)],
    ),
    pytest.param(
        LAST,
        Connection.CERTIFICATE_OF_ANOTHER_HOST,
        Cause.CERTIFICATE,
        id="another host's certificate",
        marks=[NIGHTLY, incident(32)],
    ),
    pytest.param(LAST, Connection.PLAIN_HTTP, Cause.PLAIN_HTTP, id="plain HTTP", marks=[NIGHTLY, incident(33)]),
]
BEYOND_THE_END = 1 << 40  # bits: it is one of the last byte, which only those see who read back all of an archive
AT_REST = [
    pytest.param(LAST, Fault(FlipBit(BEYOND_THE_END), at_rest=True), id="a bit of each upload"),
    pytest.param(FIRST, Fault(Truncate(1000), nth=1, at_rest=True), id="one upload cut short", marks=NIGHTLY),
]


@pytest.mark.incident(20, 21, 22, 27, 29)
@pytest.mark.parametrize(("which", "fault"), FOR_A_MOMENT)
def test_one_store_fails_once(trial: Trial, any_database: str, which: int, fault: Fault) -> None:
    """Either the run makes good for it, or it is red: green means that each store has the archive."""
    store = list(trial.stores)[which]
    trial.stores[store].meet(fault)
    run = trial.backup(any_database)
    trial.laws(run)
    if not run.succeeded:
        trial.laws.heal(any_database)


@pytest.mark.incident(20, 21, 23, 34)
@pytest.mark.parametrize(("which", "fault", "cause"), FOR_GOOD)
def test_one_store_fails_every_time(
    trial: Trial, any_database: str, which: int, fault: Fault | Connection, cause: str
) -> None:
    """After a good run: red, with the store and the cause; the others have the archive; the next run heals it."""
    trial.laws(trial.backup(any_database))
    store = list(trial.stores)[which]
    trial.stores[store].meet(fault)
    run = trial.backup(any_database)
    trial.laws(run, where=store, cause=cause)
    assert not run.succeeded, f"{store} took nothing, yet the unit succeeded:\n{run.journal}"
    trial.laws.heal(any_database)


@NIGHTLY
@pytest.mark.incident(18, 21)
def test_one_store_fails_day_after_day(trial: Trial, any_database: str) -> None:
    """Each run is red, not the first alone; each archives its own day, and none what waited."""
    store = list(trial.stores)[LAST]
    trial.stores[store].meet(Fault(Refuse(403), method="PUT"))
    for day in ("monday", "tuesday"):
        trial.world.postgresql.change(any_database, f"CREATE TABLE public.{day} AS SELECT 1")
        run = trial.backup(any_database)
        trial.laws(run, where=store, cause=Cause.DENIED)
        assert not run.succeeded, f"{store} took nothing, yet the unit succeeded:\n{run.journal}"
    trial.world.postgresql.change(any_database, "CREATE TABLE public.wednesday AS SELECT 1")
    trial.laws.heal(any_database)


@NIGHTLY
@pytest.mark.incident(53)
def test_one_store_is_full_long_after_its_last_archive(trial: Trial, any_database: str) -> None:
    """No retention takes what a store has, where nothing new arrived: after thirty red days it would have nothing."""
    _fails_long_after_its_last_archive(trial, any_database, Fault(Refuse(507), method="PUT"), Cause.STORE_FULL)


@NIGHTLY
@pytest.mark.incident(27, 53)
def test_one_store_keeps_other_bytes_long_after_its_last_archive(trial: Trial, any_database: str) -> None:
    """Nor where something arrived that does not restore: old archives may go only after the new one was read back."""
    rotten = Fault(FlipBit(BEYOND_THE_END), at_rest=True)
    _fails_long_after_its_last_archive(trial, any_database, rotten, Cause.OTHER_BYTES)


def _fails_long_after_its_last_archive(trial: Trial, any_database: str, fault: Fault, cause: str) -> None:
    trial.world.clock.go_ahead(-timedelta(days=400))
    old = trial.backup(any_database)
    trial.world.clock.go_ahead(timedelta())
    store = list(trial.stores)[FIRST]
    trial.stores[store].meet(fault)
    run = trial.backup(any_database)
    trial.laws(run, where=store, cause=cause, except_=[Law.KEEPS])  # the others' may go: they have this one
    assert not run.succeeded, f"{store} took nothing that restores, yet the unit succeeded:\n{run.journal}"
    last = {archive.key for archive in old.archives[store]}
    assert last, f"{store} had no archive that could be kept\n{old}"
    with trial.laws.about(Law.KEEPS):
        kept = {archive.key for archive in trial.units[any_database].archives_at(store)}
        assert last <= kept, f"{store} took nothing new, and no longer has the last archive that it took"
    trial.laws.heal(any_database, except_=[Law.KEEPS])


@pytest.mark.incident(27)
@pytest.mark.parametrize(("which", "fault"), AT_REST)
def test_one_store_keeps_other_bytes_than_it_says(trial: Trial, any_database: str, which: int, fault: Fault) -> None:
    """Its answers, sizes and ETags are right, and what it keeps is not: only reading it back shows that.

    The run does so, and is red or makes good for it: green means that each store has what restores.
    """
    store = list(trial.stores)[which]
    trial.stores[store].meet(fault)
    run = trial.backup(any_database)
    trial.laws(run, where=store, cause=Cause.OTHER_BYTES)
    if not run.succeeded:
        trial.laws.heal(any_database)


@pytest.mark.nightly
@pytest.mark.incident(28)
def test_one_store_completes_no_upload_in_parts(trial: Trial, any_database: str) -> None:
    """Nor does it abort one. Large files go in parts, here all do: red; the next run removes the parts, which cost."""
    for secret in trial.site.secrets:
        if secret.kind == "rclone-config":
            trial.machine.check(["sed", "-i", "--follow-symlinks", "/^type = s3/a upload_cutoff = 0", secret.path])
    store = list(trial.stores)[-1]
    refused = (Fault(Refuse(503), operation=f"{what}MultipartUpload") for what in ("Complete", "Abort"))
    trial.stores[store].meet(*refused)
    run = trial.backup(any_database)
    trial.laws(run, where=store, cause=Cause.SLOW_DOWN)
    in_parts = [request for request in run.requests[store] if request.method == "POST" and "uploads" in request.query]
    if run.succeeded and not in_parts:
        raise NotApplicable("the module uploads in one piece, whatever rclone's configuration says")
    assert not run.succeeded, f"{store} completed nothing, yet the unit succeeded:\n{run.journal}"
    trial.laws.heal(any_database)


@pytest.mark.nightly
@pytest.mark.incident(23)
def test_one_store_has_no_address(trial: Trial, any_database: str) -> None:
    """DNS does not know its name any more."""
    store = list(trial.stores)[-1]
    trial.machine.check("cp /etc/hosts /root/hosts && echo nameserver 127.0.0.1 > /etc/resolv.conf")
    trial.machine.check(["sed", "-i", f"s/ {trial.stores[store].hostname}//", "/etc/hosts"])
    run = trial.backup(any_database)
    trial.laws(run, where=store, cause=Cause.NO_ADDRESS)
    assert not run.succeeded, f"{store} cannot be found, yet the unit succeeded:\n{run.journal}"
    trial.machine.check("cp /root/hosts /etc/hosts")
    trial.laws.heal(any_database)


@pytest.mark.nightly
@pytest.mark.parametrize(
    "fault", [pytest.param(Fault(Slow(6_000)), id="slow"), pytest.param(Fault(Lag(3600)), id="listing lags")]
)
def test_one_store_is_late(trial: Trial, any_database: str, fault: Fault) -> None:
    """Late is not lost: two green runs, the second of which cannot see in a listing what the first put there."""
    trial.stores[list(trial.stores)[-1]].meet(fault)
    for _ in range(2):
        run = trial.backup(any_database)
        trial.laws(run)
        assert run.succeeded, f"a store took its time, and {run}"
