"""Random plans of what goes wrong during a run, for Hypothesis; printed, a plan is the code of a regression test."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from harness.store.effect import FlipBit, Refuse, Reset, Stall, Truncate
from harness.store.fault import Fault


@dataclass(frozen=True)
class Kill:
    """SIGKILL of everything, or SIGTERM to the program, once a store has served that many requests."""

    backblaze: bool
    requests: int
    hard: bool


@dataclass(frozen=True)
class Plan:
    """What happens to one run."""

    backblaze: tuple[Fault, ...] = ()
    wasabi: tuple[Fault, ...] = ()
    kill: Kill | None = None


_damage = st.one_of(st.builds(Truncate, st.integers(0, 250)), st.builds(FlipBit, st.integers(0, 2000)))
_effects = st.one_of(
    st.builds(Refuse, st.sampled_from([403, 404, 429, 500, 503])),
    st.builds(Reset, st.integers(0, 300)),
    _damage,
    st.builds(Stall, st.just(0.05)),
)
_keys = st.sampled_from(["*", "*.enc", "*.manifest"])
_faults = st.builds(
    Fault,
    _effects,
    method=st.sampled_from(["*", "PUT", "GET", "HEAD", "DELETE"]),
    key=_keys,
    nth=st.none() | st.integers(1, 5),
)
_rot = st.builds(Fault, _damage, key=_keys, nth=st.integers(1, 2), at_rest=st.just(True))
_several = st.lists(_faults | _rot, max_size=2).map(tuple)
_kills = st.none() | st.builds(Kill, st.booleans(), st.integers(0, 14), st.booleans())

faults = st.builds(Plan, backblaze=_several, wasabi=_several)
"""Plans without a kill."""
plans = st.builds(Plan, backblaze=_several, wasabi=_several, kill=_kills)
