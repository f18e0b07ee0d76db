"""A unit that does not end is the module's fault, unless the guest has an excuse. The machine here is its answers."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from harness.machine.errors import CommandDeadline, MachineError
from harness.store.errors import NotMet
from harness.store.store import StoredObject
from harness.trial.errors import NotJudged
from harness.trial.findings import Findings
from harness.trial.unit import RunMissingError, Unit

_STATE = "Result=success\nInvocationID=a\nInactiveExitTimestampMonotonic=1\nInactiveEnterTimestampMonotonic=2\n"


class Endless:
    """A machine on which the unit does not end."""

    def __init__(self, excuse: str) -> None:
        self.ran: list[str] = []
        self.channel = SimpleNamespace(vitals=SimpleNamespace(excuse=lambda: excuse))
        self.boot_id = "one"
        self.state = _STATE

    def start(self, command: list[str]) -> Any:
        self.ran.append(command[1])
        return self

    def finish(self, _: Any) -> None:
        raise CommandDeadline("killed after its deadline", "", b"", b"")

    def run(self, command: list[str], **_: Any) -> SimpleNamespace:
        if command[0] == "systemctl":
            self.ran.append(command[1])
        return SimpleNamespace(text="", stdout=b"", stderr=b"", status=1)  # there is no PostgreSQL

    def check(self, command: list[str]) -> SimpleNamespace:
        return SimpleNamespace(text=self.state if command[0] == "systemctl" else "its journal")


class Restarted(Endless):
    """A machine that starts the unit again after its first failure."""

    def __init__(self) -> None:
        super().__init__("")
        self.states = ["activating", "inactive"]

    def finish(self, _: Any) -> None:
        """End the first attempt."""

    def check(self, command: list[str]) -> SimpleNamespace:
        state = self.states.pop(0) if command[0] == "systemctl" and self.states else "inactive"
        return SimpleNamespace(text=f"{_STATE}ActiveState={state}\n" if command[0] == "systemctl" else "its journal")


class Retrying(Endless):
    """A machine as systemd 252 shows it after a first attempt that failed; the next, after a pause, succeeds.

    The unit had failed for a moment, and left that to wait: it "was inactive" last before the pause, not the attempt.
    """

    _FIRST: ClassVar = {
        "Result": "exit-code",
        "InvocationID": "first",
        "ActiveState": "activating",
        "SubState": "auto-restart",
        "StateChangeTimestampMonotonic": "112602901",
        "InactiveExitTimestampMonotonic": "112602901",
        "InactiveEnterTimestampMonotonic": "112435560",
        "ConditionTimestampMonotonic": "74153427",
    }
    _ENDED: ClassVar = {"ActiveState": "inactive", "SubState": "dead", "InactiveEnterTimestampMonotonic": "118535141"}

    def __init__(self, pause: str) -> None:
        super().__init__("")
        first = {**self._FIRST, "RestartUSec": pause}
        self.stopped = {**first, **self._ENDED}
        self.states = [first, {**self.stopped, "Result": "success", "InvocationID": "second"}]

    def finish(self, _: Any) -> None:
        """End the first attempt."""

    def run(self, command: list[str], **_: Any) -> SimpleNamespace:
        if command[:2] == ["systemctl", "stop"]:
            self.states = [self.stopped]
        return super().run(command)

    def check(self, command: list[str]) -> SimpleNamespace:
        if command[0] != "systemctl":
            return SimpleNamespace(text=f"journal of {command[-1]}")
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return SimpleNamespace(text="".join(f"{name}={value}\n" for name, value in state.items()))


class Simple(Endless):
    """A machine whose unit is of the type that systemd calls started as soon as it runs."""

    def __init__(self, excuse: str = "", *, ends: bool = True) -> None:
        super().__init__(excuse)
        ended = "ActiveState=failed\nSubState=failed\nResult=exit-code\n"
        self.states = ["ActiveState=active\nSubState=running\n", *[ended] * ends]

    def finish(self, _: Any) -> None:
        """It is started."""

    def check(self, command: list[str]) -> SimpleNamespace:
        if command[0] != "systemctl":
            return SimpleNamespace(text="its journal")
        return SimpleNamespace(text=_STATE + (self.states.pop(0) if len(self.states) > 1 else self.states[0]))


class Dumping(Endless):
    """A machine that has the dump when it is looked for the third time."""

    def __init__(self) -> None:
        super().__init__("")
        self.statuses = [1, 1, 0]

    def run(self, command: list[str], **_: Any) -> SimpleNamespace:
        assert command == ["test", "-e", "/b/d"]
        return SimpleNamespace(status=self.statuses.pop(0))


def unit(
    machine: Any,
    stores: Any = None,
    companions: tuple[str, ...] = (),
    *,
    database: str = "db1",
    findings: Findings | None = None,
    time_limit: int = 1,
    limit: float = 60,
) -> Unit:
    parts: Any = SimpleNamespace(
        machine=machine,
        site=SimpleNamespace(
            archives={
                name: SimpleNamespace(
                    unit="b.service",
                    prefix=f"{name}/",
                    decrypt=None,
                    retrieve=None,
                    companions=companions,
                    location="/b",
                    stays=("/b/d",),
                    dumps=("/b/d",),
                )
                for name in ("db1", "db10")
            },
            exempt={},
            super_user="postgres",
            time_limit=time_limit,
        ),
        stores=stores or {},
        sources=SimpleNamespace(of=lambda _: None),
        leaks=SimpleNamespace(redact=str, in_texts=lambda *_: set()),
        secrets=None,
        findings=findings or Findings(),
    )
    return Unit(database, limit=limit, **vars(parts))


@pytest.mark.parametrize(("limit", "result"), [(1, "stopped"), (60, "stopped-early")])
def test_it_is_stopped_and_red(limit: int, result: str) -> None:
    machine = Endless("")
    run = unit(machine, time_limit=limit).backup(timeout=1)
    assert (run.result, run.succeeded) == (result, False)
    assert machine.ran == ["start", "kill", "stop"]
    assert "stopped it after 1 s; a slow one may have more: --gate-timeout SECONDS" in run.journal


def test_what_happens_during_a_run_happens_after_its_start() -> None:
    machine = Endless("")
    unit(machine).backup(timeout=1, during=lambda: machine.ran.append("during"))
    assert machine.ran[:2] == ["start", "during"]


def test_a_machine_that_is_cut_off_in_mid_run_ends_it() -> None:
    machine = Endless("")

    def cut() -> None:
        machine.boot_id = "two"

    run = unit(machine).backup(timeout=1, during=cut)
    assert run.result == "power-cut"
    assert run.observed.boot == "one"
    assert machine.ran == ["start"]


def test_one_that_systemd_starts_again_has_not_ended() -> None:
    machine = Restarted()
    assert unit(machine).backup(timeout=5).succeeded
    assert machine.states == []


@pytest.mark.parametrize("pause", ["5s", "30s", "5min", "1h 30min", "infinity"])
def test_one_that_waits_to_be_started_again_has_had_its_run(pause: str) -> None:
    """Its next attempt may be later than the gate waits, and would be in the middle of what the scenario does next."""
    machine, findings = Retrying(pause), Findings()
    run = unit(machine, findings=findings).backup(timeout=5)
    assert (run.result, run.succeeded) == ("exit-code", False)
    assert round(run.seconds, 2) == 38.45  # of the attempt, not of the pause
    assert run.journal == "journal of INVOCATION_ID=first"
    assert machine.ran == ["start", "stop"]
    told = f"b.service has ended, and systemd would start it again in {pause}: stopped, this attempt counts"
    assert told in [event.what for event in findings.events]


@pytest.mark.parametrize("pause", ["0", "500us", "100ms", "1.500000s", "4s"])
def test_one_that_is_started_again_at_once_has_not_ended(pause: str) -> None:
    """It could be in its next attempt before it is stopped."""
    machine = Retrying(pause)
    run = unit(machine).backup(timeout=5)
    assert (run.result, run.journal) == ("success", "journal of INVOCATION_ID=second")
    assert machine.ran == ["start"]


def test_one_that_has_only_been_started_has_not_ended() -> None:
    assert unit(Simple()).backup(timeout=5).result == "exit-code"


def test_one_that_does_not_end_after_its_start_is_stopped() -> None:
    machine = Simple(ends=False)
    assert unit(machine).backup(timeout=1).result == "stopped"
    assert machine.ran == ["start", "stop"]
    with pytest.raises(MachineError, match="did not end within 1 s; its kernel is locked up"):
        unit(Simple("; its kernel is locked up", ends=False)).backup(timeout=1)


@pytest.mark.parametrize("excuse", ["", "; QEMU has ended"])
def test_a_fault_that_no_request_meets_says_nothing_of_a_guest_that_is_gone(excuse: str) -> None:
    def not_met() -> None:
        raise NotMet("no request to wasabi met it")

    machine = Endless(excuse)
    machine.state += "ActiveState=failed\n"
    with pytest.raises(MachineError if excuse else NotMet, match="no request to wasabi met it"):
        unit(machine).backup(timeout=1, during=not_met)
    machine = Endless("")
    machine.state += "ActiveState=activating\n"
    with pytest.raises(
        NotJudged, match=r"no request to wasabi met it, and b\.service still runs: is the host too busy"
    ):
        unit(machine).backup(timeout=1, during=not_met)


@pytest.mark.parametrize(("state", "error"), [("activating", NotJudged), ("inactive", RunMissingError)])
def test_one_that_should_run_by_itself_and_still_runs_is_not_judged(state: str, error: type[Exception]) -> None:
    machine = Endless("")
    machine.state = f"InactiveExitTimestampMonotonic=0\nActiveState={state}\n"
    with pytest.raises(error, match=r"b\.service did not .* within 0\.1 s; a slow one may have more: --gate-timeout"):
        unit(machine, limit=0.1).wait_for_run()
    with pytest.raises(RunMissingError):  # the scenario does not wait for its end
        unit(machine).wait_for_run(timeout=0.1)


def test_the_dump_is_waited_for() -> None:
    machine = Dumping()
    unit(machine).wait_for_dump()
    assert machine.statuses == []


def test_a_guest_with_an_excuse_is_no_verdict() -> None:
    with pytest.raises(CommandDeadline):
        unit(Endless("; its kernel is locked up")).backup(timeout=1)


class Store:
    """A store with whatever runs have put there."""

    name = "wasabi"
    reachable = True
    download = None

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.plans: list[object] = []

    def objects(self, prefix: str = "") -> list[StoredObject]:
        return [StoredObject(key, 1, datetime(2026, 11, 22, tzinfo=UTC)) for key in self.keys]

    def digest(self, key: str) -> str:
        return f"of {key}"

    def requests(self) -> list[object]:
        return []


def test_runs_at_the_same_time_have_each_their_own() -> None:
    """Whichever ends first, and wherever each has got."""
    store, findings = Store(), Findings()
    one = unit(Restarted(), {"wasabi": store}, findings=findings)
    other = unit(Restarted(), {"wasabi": store}, database="db10", findings=findings)
    runs = []

    def start_other() -> None:
        store.keys.append("databases/db1/a")  # one store has it, another not yet
        runs.append(other.backup(during=lambda: store.keys.append("databases/db10/b")))
        store.keys.append("databases/db1/c")

    runs.append(one.backup(during=start_other))
    assert [[archive.key for archive in run.archives["wasabi"]] for run in runs] == [
        ["databases/db10/b"],
        ["databases/db1/a", "databases/db1/c"],
    ]
    assert [run.observed.beside for run in runs] == [(runs[1].observed.before,), ()]
    assert findings.running == []


def test_a_place_within_anothers_is_not_that_ones() -> None:
    """As ``offsite/app-`` and ``offsite/app-old-``, here of one unit."""
    store, findings = Store(), Findings()
    one, inner = (unit(Restarted(), {"wasabi": store}, database=name, findings=findings) for name in ("db1", "db10"))
    for name, prefix in (("db1", "db1-"), ("db10", "db1-old-")):
        for each in (one, inner):
            vars(each._site.archives[name])["prefix"] = prefix
    run = inner.backup(during=lambda: store.keys.extend(["databases/db1-x", "databases/db1-old-x"]))
    assert [archive.key for archive in run.archives["wasabi"]] == ["databases/db1-old-x"]
    run = one.backup(during=lambda: store.keys.extend(["databases/db1-y", "databases/db1-old-y"]))
    assert [archive.key for archive in run.archives["wasabi"]] == ["databases/db1-y"]


class Punctual(Restarted):
    """A machine on which the unit ends at once, if there is time."""

    def finish(self, deadline: Any) -> None:
        if deadline.passed:
            raise CommandDeadline("killed after its deadline", "", b"", b"")


def test_what_the_gate_does_meanwhile_costs_a_run_none_of_its_time() -> None:
    assert unit(Punctual()).backup(timeout=0.2, during=lambda: time.sleep(0.3)).succeeded


class Spooling(Restarted):
    """A machine on which the archive of a run that no store took has stayed."""

    def run(self, command: list[str], **_: Any) -> SimpleNamespace:
        text = "of databases/db1/a  /b/spool/a\n" if "sha256sum" in command else ""
        return SimpleNamespace(text=text, stdout=b"", stderr=b"", status=1)


def test_what_had_waited_on_the_host_is_no_archive_of_the_run_that_brings_it() -> None:
    store = Store()
    run = unit(Spooling(), {"wasabi": store}).backup(
        during=lambda: store.keys.extend(["databases/db1/a", "databases/db1/b"])
    )
    assert [archive.key for archive in run.archives["wasabi"]] == ["databases/db1/b"]


def test_two_runs_of_one_database_have_what_is_new() -> None:
    store, findings = Store(), Findings()
    one = unit(Restarted(), {"wasabi": store}, findings=findings)

    def again() -> None:
        other = one.backup(during=lambda: store.keys.append("databases/db1/a"))
        assert [archive.key for archive in other.archives["wasabi"]] == ["databases/db1/a"]
        store.keys.append("databases/db1/b")

    run = one.backup(during=again)
    assert [archive.key for archive in run.archives["wasabi"]] == ["databases/db1/a", "databases/db1/b"]


def test_a_run_that_cannot_be_followed_to_its_end_is_not_running_any_more() -> None:
    findings = Findings()
    with pytest.raises(MachineError):
        unit(Restarted(), {"wasabi": Store()}, findings=findings).backup(during=lost)
    assert findings.running == []


def lost() -> None:
    raise MachineError("the machine is lost")


def test_its_archives_belong_below_its_prefix() -> None:
    assert unit(Endless("")).form.place == "databases/db1/"


def test_its_archives_with_what_lies_beside_them() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    listed = [StoredObject(key, 1, at) for key in ("db1/a", "db1/a.manifest", "db1/b", "db1/c.manifest")]
    store = SimpleNamespace(name="wasabi", objects=lambda prefix: listed, download=None)
    found = unit(Endless(""), {"wasabi": store}, (".manifest",)).archives_at("wasabi")
    assert [archive.key for archive in found] == ["db1/a", "db1/b", "db1/c.manifest"]
    assert [beside.key for archive in found for beside in archive.objects[1:]] == ["db1/a.manifest"]
    assert [archive.missing for archive in found] == [(), ("db1/b.manifest",), ("db1/c.manifest.manifest",)]
