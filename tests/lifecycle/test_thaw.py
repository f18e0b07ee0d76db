"""A thawed machine is the frozen one with its own time, random numbers, disk and memory. The bench thaws a hundred."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from harness.database.psql import Psql
from harness.guest.placement import place_secrets
from harness.machine.agent import FROZEN
from harness.machine.freezer import thaw
from harness.site.site import Secret

if TYPE_CHECKING:
    from harness.gate import Gate
    from harness.guest.frozen import FrozenGuest
    from harness.host.workspace import Workspace
    from harness.machine.machine import Machine
    from harness.trial.trial import Trial

_CLOCK_ERROR = 0.05  # seconds
_LOOKS = 10  # reading a clock, on a busy host


def test_its_secrets_outlive_a_power_cut(trial: Trial) -> None:
    """They were written a moment ago, and the kernel may not have flushed them to disk."""
    trial.machine.power_cut()
    trial.machine.boot()
    trial.machine.wait_for_unit("sysinit.target")
    for database, unit in trial.units.items():
        path = trial.site.archives[database].passphrase_file
        assert trial.machine.check(["cat", path]).text.rstrip() == unit.key


def test_a_secret_lies_where_its_site_expects_it(trial: Trial) -> None:
    """As with agenix: at any path, with its owner and mode, in memory alone, and again after a boot."""
    path = "/run/agenix/of the shop/passphrase"
    secrets = [*trial.site.secrets, Secret(path, "passphrase", "shop", "postgres", "keys", 0o440)]
    place_secrets(trial.machine, secrets, {secret.path: b"a passphrase\n" for secret in secrets})
    for boot in (False, True):
        if boot:
            trial.world.power.cycle()
        found = trial.machine.check(["stat", "--dereference", "--format=%U %G %a", path]).text
        system = trial.machine.check(["stat", "--dereference", "--file-system", "--format=%T", path]).text
        assert (found, system) == ("postgres keys 440", "ramfs")
        assert trial.machine.check(["cat", path], user="postgres").text == "a passphrase"
        assert trial.machine.run(["cat", path], user="nobody").status == 1


def test_two_machines_of_one_template(gate: Gate, frozen: FrozenGuest) -> None:
    with ExitStack() as stack:
        one, other = (stack.enter_context(gate.trial()).machine for _ in range(2))
        for machine in (one, other):
            assert machine.boot_id == frozen.template.boot_id  # the kernel has not been started since
            assert machine.pull(str(FROZEN)).decode() == frozen.template.nonce  # it was never written to the disk

        one.push(b"mine", "/root/mark")
        one.push(b"mine", "/dev/shm/mark")
        one.check(["sync"])
        Psql(one).run("CREATE TABLE mark ()", "db1")
        assert other.run("ls /root/mark /dev/shm/mark").status != 0
        assert Psql(other).run("SELECT to_regclass('mark')", "db1").strip() == ""

        # Two kernels with one state draw the same numbers, though not after the same number of draws.
        draw = "for each in {1..300}; do read -r number < /proc/sys/kernel/random/uuid; echo $number; done"
        drawn, drawn_by_the_other = (set(machine.check(draw).text.split()) for machine in (one, other))
        assert len(drawn) == len(drawn_by_the_other) == 300
        assert not drawn & drawn_by_the_other


def test_its_clock_is_right(trial: Trial) -> None:
    assert min(_clock_error(trial.machine) for _ in range(_LOOKS)) < _CLOCK_ERROR


def _clock_error(machine: Machine) -> float:
    """Return how far, in seconds, the guest's clock lies outside the time that the query took."""
    before = time.time()
    guest = machine.now().timestamp()
    return max(before - guest, guest - time.time(), 0.0)


def test_it_reaches_its_stores_at_their_new_ports(trial: Trial) -> None:
    for store in trial.stores.values():
        trial.machine.check(f"exec 3<>/dev/tcp/{store.hostname}/{store.port}", timeout=20)


def test_its_databases_answer(trial: Trial) -> None:
    assert set(trial.site.databases) <= set(Psql(trial.machine).databases())
    assert trial.machine.run("systemctl is-failed --quiet '*'").status != 0


def test_many_thaws_are_many_good_machines(frozen: FrozenGuest, workspace: Workspace) -> None:
    for number in range(5):
        with thaw(frozen.template, workspace=workspace, name=f"one-of-many-{number}") as machine:
            assert machine.check("echo good").text == "good"


def test_postgresql_has_the_machines_locales(trial: Trial) -> None:
    found = Psql(trial.machine).run("SELECT collname FROM pg_collation WHERE collname IN ('C.utf8', 'en_US.utf8')")
    assert sorted(found.split()) == ["C.utf8", "en_US.utf8"]
