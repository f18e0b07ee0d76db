"""A run ends in mid-upload: nothing half stays that nobody will clean up, and the next run heals it."""

from __future__ import annotations

import pytest

from harness.scenario import Fault, Law, Stall, Trial

UNTIL_HEALED = 3600.0  # seconds


@pytest.mark.incident(11, 12, 28, 29)
@pytest.mark.parametrize(
    "how",
    [
        pytest.param("systemctl kill --signal=KILL {}", id="killed"),
        pytest.param("systemctl stop {}", id="stopped", marks=pytest.mark.nightly),
        pytest.param("systemctl set-property --runtime {} MemoryMax=1M", id="out of memory", marks=pytest.mark.nightly),
    ],
)
def test_the_unit_is_ended_in_mid_upload(trial: Trial, any_database: str, how: str) -> None:
    """By the operator's or the kernel's hand, while the last store has not answered."""
    store = list(trial.stores)[-1]
    trial.stores[store].meet(Fault(Stall(UNTIL_HEALED), method="PUT"))

    def end() -> None:
        trial.stores[store].wait_until_met()
        trial.machine.run(how.format(trial.units[any_database].name))

    run = trial.backup(any_database, during=end)
    trial.laws(run, where="stop|term|kill", except_=[Law.SERVES])
    assert not run.succeeded, f"it was ended in mid-upload, yet it succeeded:\n{run.journal}"
    trial.machine.check(["systemctl", "set-property", "--runtime", run.unit, "MemoryMax=infinity"])
    trial.laws.heal(any_database)


@pytest.mark.nightly
@pytest.mark.incident(16)
def test_the_power_fails_in_mid_upload(trial: Trial, any_database: str) -> None:
    """An earlier archive stays as it was; what the last store has not answered is no archive."""
    trial.laws(trial.backup(any_database))
    trial.world.disk.flush_nothing()  # from now on: the earlier dump is an hour old, and long on the disk
    store = list(trial.stores)[-1]
    trial.stores[store].meet(Fault(Stall(UNTIL_HEALED), method="PUT"))

    def cut() -> None:
        trial.stores[store].wait_until_met()
        trial.world.power.cycle()

    trial.laws(trial.backup(any_database, during=cut), except_=[Law.SERVES])
    trial.laws.heal(any_database)


@pytest.mark.incident(19)
def test_the_system_is_switched_in_mid_dump(trial: Trial, any_database: str) -> None:
    """Its scripts are others then, and systemd has lost its place in the unit's list of commands."""

    def switch() -> None:
        trial.world.postgresql.wait_until_blocked()
        trial.units[any_database].switch()
        unlock()

    with trial.world.postgresql.locked(any_database) as unlock:
        run = trial.backup(any_database, during=switch)
    trial.laws(run, where="archiv|switch|command", except_=[] if run.succeeded else [Law.SERVES])
    trial.laws.heal(any_database)
