"""A scenario on one time axis: what was done where, which faults held, what each store was asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from harness.evidence.report import journal
from harness.trial.findings import GATE, MACHINE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.evidence.record import Exchange, Record

_TICKS = 5  # intervals of the axis, at most so many and one
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600)  # seconds
_TOLD = 20  # of a kind in a lane: a store that is down is asked a thousand times
_NARROWEST = 0.3  # percent: so that what took no time is seen


@dataclass(frozen=True)
class Mark:
    """Something with a beginning and perhaps a length, both in percent of the axis."""

    left: float
    width: float
    kind: str
    """What it looks like: ``run good``, ``run bad``, ``work``, ``fault``, ``request good``, …"""
    label: str
    """In words, with its time."""


@dataclass(frozen=True)
class Lane:
    """All that happened in one place."""

    name: str
    note: str = ""
    """The first fault that it met."""
    marks: list[Mark] = field(default_factory=list)
    ticks: dict[str, str] = field(default_factory=dict)
    """What is many and needs no words: kind → a path in a box of 1000 by 1."""

    def told(self, mark: Mark) -> None:
        """Add one with its words, or if there are many already, without."""
        if sum(each.kind == mark.kind for each in self.marks) < _TOLD:
            self.marks.append(mark)
        else:
            self.tick(mark)

    def tick(self, mark: Mark) -> None:
        """Add one to the ticks of its kind."""
        drawn = f"M{10 * mark.left:.0f} 0h{max(2.0, 10 * mark.width):.0f}v1h-{max(2.0, 10 * mark.width):.0f}z"
        self.ticks[mark.kind] = self.ticks.get(mark.kind, "") + drawn


@dataclass(frozen=True)
class Timeline:
    """The lanes, and the axis: percent → seconds as a label."""

    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[float, str], ...]
    seconds: float

    @classmethod
    def of(cls, record: Record) -> Timeline | None:
        """Draw a record's; None if nothing was done."""
        starts = [event.at for event in record.timeline]
        starts += [exchange.at for exchanges in record.requests.values() for exchange in exchanges]
        if not starts:
            return None
        ends = [event.at + timedelta(seconds=event.seconds) for event in record.timeline]
        ends += [_end(exchange) for exchanges in record.requests.values() for exchange in exchanges]
        begun = min(starts)
        axis = _Axis(begun, max(0.1, (max(ends) - begun).total_seconds()))
        lanes = [*_done(record, axis), *(_store(name, record, axis) for name in record.requests)]
        return cls(tuple(lane for lane in lanes if lane.marks or lane.ticks), tuple(axis.ticks()), axis.seconds)


class _Axis:
    def __init__(self, begun: datetime, seconds: float) -> None:
        self._begun = begun
        self.seconds = seconds

    def mark(self, at: datetime, seconds: float, kind: str, what: str) -> Mark:
        since = (at - self._begun).total_seconds()
        took = f", {seconds:.1f} s" if seconds >= 0.05 else ""
        left = min(100 * since / self.seconds, 100 - _NARROWEST)
        width = min(max(100 * seconds / self.seconds, _NARROWEST), 100 - left)
        return Mark(round(left, 1), round(width, 1), kind, f"{since:.1f} s{took}: {what}")

    def rest(self, at: datetime) -> float:
        """Return the seconds from then to the axis's end."""
        return max(0.0, self.seconds - (at - self._begun).total_seconds())

    def ticks(self) -> Iterator[tuple[float, str]]:
        step = next((step for step in _STEPS if self.seconds / step <= _TICKS), self.seconds / _TICKS)
        for number in range(int(self.seconds / step) + 1):
            yield round(100 * number * step / self.seconds, 2), f"{number * step:g} s"


def _done(record: Record, axis: _Axis) -> Iterator[Lane]:
    """Yield a lane for the machine, each unit with its journal, and the gate."""
    places = dict.fromkeys(event.where for event in record.timeline if event.where not in record.requests)
    units = [place for place in places if place not in {MACHINE, GATE}]
    for place in (MACHINE, *units, GATE):
        lane = Lane(place)
        for event in record.timeline:
            if event.where == place:
                lane.marks.append(axis.mark(event.at, event.seconds, "work", event.what))
        for run in (run for run in record.runs if run.unit == place):
            kind = "run good" if run.result == "success" else "run bad"
            lane.marks.append(axis.mark(run.at, run.seconds, kind, f"the unit runs, and ends in {run.result}"))
            first = None
            for line in journal.lines(run.journal):
                if line.seconds is None:
                    continue
                first = line.seconds if first is None else first
                at = run.at + timedelta(seconds=line.seconds - first)
                if line.telling and line.program != "systemd":
                    lane.told(axis.mark(at, 0, "line telling", line.said))
                else:
                    lane.tick(axis.mark(at, 0, "line", line.said))
        yield lane


def _store(name: str, record: Record, axis: _Axis) -> Lane:
    """Return a store's lane: how long each fault plan held, and the requests."""
    plans = [event for event in record.timeline if event.where == name]
    lane = Lane(name, note=plans[0].what.removeprefix(f"{name} ") if plans else "")
    for plan, following in pairwise([*plans, None]):
        assert plan is not None
        if plan.what.endswith("no fault now"):
            lane.marks.append(axis.mark(plan.at, 0, "healed", plan.what))
        else:
            held = (following.at - plan.at).total_seconds() if following else axis.rest(plan.at)
            lane.marks.append(axis.mark(plan.at, held, "fault", plan.what))
    for exchange in record.requests[name]:
        if went_well(exchange):
            lane.tick(axis.mark(exchange.at, exchange.seconds, "request good", said(exchange)))
        else:
            lane.told(axis.mark(exchange.at, exchange.seconds, "request bad", said(exchange)))
    return lane


def went_well(exchange: Exchange) -> bool:
    """Whether it was answered, and not by an error; a question whether something is there may be answered by 404."""
    asked = exchange.method == "HEAD" and exchange.status == 404
    return asked or (exchange.status is not None and exchange.status < 400)


def said(exchange: Exchange) -> str:
    """Return a request in a line."""
    answer = f"{exchange.status or 'no answer'}{f' {exchange.error}' if exchange.error else ''}"
    return f"{exchange.method} {exchange.key or '(bucket)'} → {answer}" + (
        f", met {exchange.fault}" if exchange.fault else ""
    )


def _end(exchange: Exchange) -> datetime:
    return exchange.at + timedelta(seconds=exchange.seconds)
