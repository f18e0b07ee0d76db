"""The time of a trial. The machine and the stores here note what they are told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from harness.trial.clock import WorldClock
from harness.trial.findings import Findings

MOMENT = timedelta(seconds=5)


class Bench:
    """A machine and two stores, by what their clocks are set to."""

    def __init__(self) -> None:
        self.machine: datetime | None = None
        self.zone = "+0000"
        self.skews: dict[str, float] = {}
        self.findings = Findings()
        self.clock = WorldClock(self, [self._store("a"), self._store("b")], self.findings)  # type: ignore[arg-type]

    def set_clock(self, moment: datetime) -> None:
        self.machine = moment

    def check(self, command: list[str]) -> Any:
        if command[0] == "journalctl":
            return SimpleNamespace(text="the last line before the trial\n-- cursor: s=1;i=2\n")
        assert command == ["date", "+%z"]
        return SimpleNamespace(text=f"{self.zone}\n")

    def _store(self, name: str) -> Any:
        return type("Store", (), {"skew": lambda _, seconds: self.skews.update({name: seconds})})()


def test_time_passes_for_the_machine_and_its_stores_alike() -> None:
    bench = Bench()
    bench.clock.go_ahead(timedelta(hours=2))
    assert bench.skews == {"a": 7200, "b": 7200}
    assert bench.machine is not None
    assert abs(bench.machine - datetime.now(UTC) - timedelta(hours=2)) < MOMENT


def test_time_goes_on_to_the_next_minute_of_that_number() -> None:
    bench = Bench()
    first = bench.clock.advance_to(minute=15)
    assert (first.minute, first.second) == (15, 0)
    assert timedelta() < first - datetime.now(UTC) <= timedelta(hours=1)
    assert bench.clock.advance_to(minute=15, second=0) == first + timedelta(hours=1)
    assert bench.machine == pytest.approx(first + timedelta(hours=1), abs=MOMENT)
    assert bench.skews["a"] == bench.skews["b"] == bench.clock.ahead.total_seconds()


def test_a_quarter_past_is_the_machines_own() -> None:
    """In Kathmandu, 5:45 hours ahead of UTC."""
    bench = Bench()
    bench.zone = "+0545"
    moment = bench.clock.advance_to(minute=15, second=3)
    assert (moment.minute, moment.second, moment.utcoffset()) == (30, 3, timedelta())
    assert timedelta() < moment - datetime.now(UTC) <= timedelta(hours=1)


def test_a_moment_that_is_near_is_let_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """What boots at real time must not boot while a timer fires."""
    bench = Bench()

    def sleep(seconds: float) -> None:
        bench.clock.ahead += timedelta(seconds=seconds)

    monkeypatch.setattr("harness.trial.clock.time.sleep", sleep)
    soon = (datetime.now(UTC) + timedelta(minutes=2)).minute
    near = bench.clock.next(minute=soon)
    assert bench.clock.keep_clear_of(minute=soon, by=timedelta(minutes=5)) == near + timedelta(hours=1)
    assert near < bench.clock.now() < near + MOMENT
    assert bench.clock.keep_clear_of(minute=soon, by=timedelta(minutes=5)) == near + timedelta(hours=1)
    assert [event.what for event in bench.findings.events] == [f"waiting for {near:%H:%M} to pass"]


def test_the_machine_alone_can_be_wrong() -> None:
    bench = Bench()
    bench.clock.put_machine_off(minutes=20)
    assert bench.skews == {}
    assert bench.machine is not None
    assert abs(bench.machine - bench.clock.now() - timedelta(minutes=20)) < MOMENT


def test_what_a_machine_says_in_the_past_is_after_the_trial_began() -> None:
    bench = Bench()
    since = bench.findings.since
    bench.clock.go_ahead(timedelta(hours=1))
    assert bench.findings.since == since
    bench.clock.go_ahead(timedelta())
    bench.clock.go_ahead(timedelta(days=-400))
    assert bench.findings.since == "--after-cursor=s=1;i=2"


def test_a_machine_that_is_off_is_left_alone() -> None:
    bench = Bench()
    bench.clock.go_ahead(timedelta(hours=-1))
    bench.machine = None
    bench.clock.return_to_real_time()
    assert (bench.skews, bench.machine) == ({"a": 0, "b": 0}, None)
    assert bench.clock.ahead == timedelta()
