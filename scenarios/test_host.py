"""Something goes wrong on the host: the run is red and says what, uploads nothing, and the next one heals it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest

from harness.scenario import Cause, Fault, Killing, Law, NotApplicable, Refuse, Trial

NIGHTLY = pytest.mark.nightly
THE_KEY = "passphrase|password|key|secret|credential"  # in whatever word a module says it
KILLED = r"kill|signal|fail|\b137\b|-9\b|cut off|incomplete|not whole|truncat"
ENCRYPTING = ("gpg", "gpg2", "sq", "age", "rage", "openssl", "restic", "borg", "kopia", "rustic")
Spoil = Callable[[bytes], bytes | None]


@pytest.mark.incident(1, 4, 5, 14, 18)
def test_postgresql_refuses_the_dump(trial: Trial, any_database: str) -> None:
    """A good backup, then two that PostgreSQL refuses: the archive and the dump of the good one stay."""
    trial.laws(trial.backup(any_database))
    trial.world.postgresql.refuse(any_database)
    for _ in range(2):
        run = trial.backup(any_database)
        trial.laws(run, where="dump", cause="not currently accepting", served=False)
        assert not run.succeeded, f"there was no dump, yet the unit succeeded:\n{run.journal}"
    trial.world.postgresql.accept(any_database)
    trial.laws.heal(any_database)


@NIGHTLY
@pytest.mark.incident(53)
def test_a_failure_long_after_the_last_archive(trial: Trial, any_database: str) -> None:
    """No retention takes a database's last archive, neither after its own failure nor after another one's success."""
    others = [database for database in trial.site.databases if database != any_database]
    trial.world.clock.go_ahead(-timedelta(days=400))
    old = {database: trial.backup(database) for database in trial.site.databases}
    trial.world.clock.go_ahead(timedelta())
    trial.world.postgresql.refuse(any_database)
    trial.laws(trial.backup(any_database), where="dump", cause="not currently accepting", served=False)
    trial.world.postgresql.accept(any_database)
    trial.laws.heal(any_database, except_=[Law.KEEPS])  # its own old archive may go now
    for store, database in product(trial.stores, others):
        last = {archive.key for archive in old[database].archives[store]}
        assert last, f"{store} had no archive of {database} that could be kept\n{old[database]}"
        with trial.laws.about(Law.KEEPS):
            kept = {archive.key for archive in trial.units[database].archives_at(store)}
            assert last <= kept, f"{store} no longer has the last archive of {database}"


@NIGHTLY
@pytest.mark.incident(2, 3)
def test_the_dump_is_killed_halfway(trial: Trial, any_database: str) -> None:
    """PostgreSQL ends pg_dump's session, as it does when it restarts or runs out of memory."""
    with trial.world.postgresql.slow_to_dump(any_database):
        run = trial.backup(any_database, during=trial.world.postgresql.end_dump)
    trial.laws(run, where="dump", cause="failed|terminat", served=False)
    assert not run.succeeded, f"the dump was cut off, yet the unit succeeded:\n{run.journal}"
    trial.laws.heal(any_database)


@NIGHTLY
@pytest.mark.incident(2, 29)
def test_the_encryption_is_killed_halfway(trial: Trial, any_database: str) -> None:
    """By the kernel, as when memory runs out: whoever reads what it writes sees an end, as of a whole archive."""
    killing = Killing(trial, any_database, ENCRYPTING)
    with trial.world.postgresql.slow_to_dump(any_database), killing:
        run = trial.backup(any_database)
    if not killing.killed:
        raise NotApplicable(f"no program of the unit's wrote much of an archive that is one of {', '.join(ENCRYPTING)}")
    trial.laws(run, where=f"{killing.killed}|crypt|archiv|dump", cause=KILLED, except_=[Law.SERVES])
    trial.laws.heal(any_database)


@NIGHTLY
@pytest.mark.incident(57)
def test_postgresql_is_stopped(trial: Trial, any_database: str) -> None:
    """A unit that requires it starts it: the run waits until it serves, or is red and says why."""
    trial.world.postgresql.stop()
    run = trial.backup(any_database)
    trial.laws(run, where="dump|psql", cause="connect|no such file|starting up", served=run.succeeded)
    trial.world.postgresql.start()
    trial.laws.heal(any_database)


@NIGHTLY
@pytest.mark.incident(2, 3)
def test_postgresql_is_killed_in_mid_dump(trial: Trial, any_database: str) -> None:
    """As by the kernel, out of memory: it stays down for the rest of the run, and recovers later."""
    with trial.world.postgresql.slow_to_dump(any_database):
        run = trial.backup(any_database, during=trial.world.postgresql.kill_in_mid_dump)
        trial.world.postgresql.start()
    trial.laws(run, where="dump", cause="failed|closed|connect|terminat", served=False)
    assert not run.succeeded, f"the server died in mid-dump, yet the unit succeeded:\n{run.journal}"
    trial.laws.heal(any_database)


@pytest.mark.incident(8)
@pytest.mark.parametrize("gate", ["short-limit"], indirect=True)
def test_a_lock_blocks_the_dump(trial: Trial, any_database: str) -> None:
    """Somebody's migration holds a table and does not end: the run gives up in time."""
    with trial.world.postgresql.locked(any_database):
        run = trial.backup(any_database, timeout=trial.site.time_limit + 30)
    trial.laws(run, where="dump|lock", cause="time|cancel", served=False)
    assert not run.succeeded, f"nothing could be dumped, yet the unit succeeded:\n{run.journal}"
    trial.laws.heal(any_database)


@pytest.mark.incident(13)
@pytest.mark.promise("dumps")
def test_the_disk_is_full(trial: Trial, any_database: str) -> None:
    """First too full for a dump, then for its ciphertext beside it: red, unless that needs no room there."""
    trial.laws(trial.backup(any_database))
    size = trial.machine.host.file(trial.site.archives[any_database].dumps[0]).size
    for room, where in ((0, "dump|zip|zstd"), (size + size // 2, "crypt|gpg|age|archive")):
        trial.world.disk.leave(room)
        run = trial.backup(any_database)
        trial.laws(run, where=where, cause="no space left|disk is full|write error", served=run.succeeded)
        assert room or not run.succeeded, f"nothing could be dumped, yet the unit succeeded:\n{run.journal}"
        trial.world.disk.mend()
    trial.laws.heal(any_database)


@NIGHTLY
@pytest.mark.promise("dumps")
def test_the_disk_is_read_only(trial: Trial, any_database: str) -> None:
    """As after an error that the kernel met there."""
    trial.laws(trial.backup(any_database))
    trial.world.postgresql.change(any_database, "CREATE TABLE public.since AS SELECT 1")  # an earlier dump has it not
    trial.world.disk.make_read_only()
    run = trial.backup(any_database)
    trial.laws(run, cause="read-only", served=False)
    trial.world.disk.mend()
    trial.laws.heal(any_database)


@pytest.mark.incident(26, 40)
@pytest.mark.parametrize("content", [pytest.param(None, id="missing", marks=NIGHTLY), pytest.param(b"", id="empty")])
def test_there_is_no_key(trial: Trial, any_database: str, content: bytes | None) -> None:
    """A secret that was never set must not mean an archive that anybody can read, nor silence."""
    trial.world.spoil_secret(trial.site.archives[any_database].passphrase_file, content)
    run = trial.backup(any_database)
    trial.laws(run, where=THE_KEY, cause=Cause.NO_KEY, served=False)
    assert not run.succeeded, f"there was no key, yet the unit succeeded:\n{run.journal}"
    trial.world.place_secrets()
    trial.laws.heal(any_database)


@NIGHTLY
@pytest.mark.incident(26)
def test_the_key_cannot_be_read(trial: Trial, any_database: str) -> None:
    """Its owner and rights are wrong: what takes it as root has it all the same; what does not says so."""
    file = trial.site.archives[any_database].passphrase_file
    trial.machine.check(["chown", "root:root", file])
    trial.machine.check(["chmod", "0", file])
    run = trial.backup(any_database)
    trial.laws(run, where=THE_KEY, cause="permission|denied|read", served=run.succeeded)
    trial.world.place_secrets()
    trial.laws.heal(any_database)


@pytest.mark.incident(35, 36)
@pytest.mark.promise("openpgp")
@pytest.mark.parametrize(
    "written",
    [
        pytest.param("# of the archives\n{}\n", id="below a comment", marks=NIGHTLY),
        pytest.param("{}\r\n", id="with a carriage return", marks=NIGHTLY),
        pytest.param("{} \n", id="with a space", marks=NIGHTLY),
    ],
)
def test_the_key_is_not_written_as_it_should_be(trial: Trial, any_database: str, written: str) -> None:
    """Either the run is red, or the key that the operator has in mind opens what it made."""
    unit, file = trial.units[any_database], trial.site.archives[any_database].passphrase_file
    trial.world.spoil_secret(file, written.format(unit.key).encode())
    run = trial.backup(any_database)
    trial.laws(run, where=THE_KEY, cause="line|carriage|space", served=False)
    trial.world.place_secrets()
    trial.laws.heal(any_database)


@NIGHTLY
@pytest.mark.promise("openpgp")
def test_the_key_is_replaced(trial: Trial, any_database: str) -> None:
    """New archives open with the new key; the old ones stay as they are, and open with the old key."""
    unit, new = trial.units[any_database], "another passphrase, as long as the first"
    first = trial.backup(any_database)
    trial.world.spoil_secret(trial.site.archives[any_database].passphrase_file, f"{new}\n".encode())
    second = trial.backup(any_database)
    assert second.succeeded, str(second)
    trial.laws(second, except_=[Law.RESTORABLE])  # by the old key
    for store in trial.stores:
        opened = [first.archive_at(store).opens(unit.key), second.archive_at(store).opens(new)]
        assert all(opened), f"{store}: not each archive opens with the key of its time"


@NIGHTLY
@pytest.mark.incident(31)
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda _: None, id="missing"),
        pytest.param(lambda content: content.replace(b"secret_access_key =", b"secret_access_key"), id="malformed"),
        pytest.param(lambda _: b"[another]\ntype = local\n", id="without the remote"),
    ],
)
def test_rclone_has_no_such_remote(trial: Trial, any_database: str, spoil: Spoil) -> None:
    """The stores cannot be known; a line that cannot be read may be the one with the secret key."""
    for secret in trial.site.secrets:
        if secret.kind == "rclone-config":
            trial.world.spoil_secret(secret.path, spoil(trial.machine.pull(secret.path)))
    run = trial.backup(any_database)
    trial.laws(run, where="config|rclone", cause="no such file|not found|find|parse|section", served=False)
    assert not run.succeeded, f"there was no configuration, yet the unit succeeded:\n{run.journal}"
    trial.world.place_secrets()
    trial.laws.heal(any_database)


@pytest.mark.incident(24)
def test_the_clock_is_wrong(trial: Trial, any_database: str) -> None:
    """Twenty minutes off, stores refuse the signature: the run takes their time instead, or is red and says so."""
    trial.world.clock.put_machine_off(minutes=20)
    run = trial.backup(any_database)
    trial.laws(run, where=list(trial.stores)[-1], cause=Cause.SKEW, served=False)
    trial.world.clock.put_machine_off(minutes=0)
    trial.laws.heal(any_database)


@NIGHTLY
@pytest.mark.incident(24)
def test_a_store_refuses_the_clock(trial: Trial, any_database: str) -> None:
    """Whatever time the run tells it: the operator reads that it is about the clock."""
    store = list(trial.stores)[-1]
    trial.stores[store].meet(Fault(Refuse(403, code="RequestTimeTooSkewed")))
    run = trial.backup(any_database)
    trial.laws(run, where=store, cause=Cause.SKEW)
    assert not run.succeeded, f"{store} took nothing, yet the unit succeeded:\n{run.journal}"
    trial.laws.heal(any_database)


@NIGHTLY
@pytest.mark.incident(24)
def test_the_clock_is_set_back(trial: Trial, any_database: str) -> None:
    """By an hour, between two runs: the one by the later clock stays, and does not stand in the next one's way."""
    trial.world.clock.go_ahead(timedelta(hours=1))
    first = trial.backup(any_database)
    assert first.succeeded, str(first)
    trial.laws(first)
    trial.world.clock.go_ahead(timedelta())
    trial.laws.heal(any_database)
