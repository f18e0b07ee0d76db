"""The framing: however a stream is split, and whatever preceded it."""

from __future__ import annotations

import pytest

from harness.machine.agent import ANYONE, LIMIT, PREAMBLE, Frames, Kind, frame

OURS, THEIRS = b"A" * 8, b"B" * 8


@pytest.mark.parametrize("size", [1, 7, 16, 17, 18, 1000])
def test_frames_survive_any_cut(size: int) -> None:
    stream = frame(OURS, Kind.OUT, 1, b"one") + frame(OURS, Kind.ERR, 2) + frame(OURS, Kind.EXIT, 1, bytes(4))
    frames = Frames(OURS)
    seen = [each for at in range(0, len(stream), size) for each in frames.feed(stream[at : at + size])]
    assert seen == [(Kind.OUT, 1, b"one"), (Kind.ERR, 2, b""), (Kind.EXIT, 1, bytes(4))]


@pytest.mark.parametrize("size", [1, 13, 100_000])
@pytest.mark.parametrize("junk", [b"", b"end of something"])
def test_frames_of_another_session_are_skipped(size: int, junk: bytes) -> None:
    stream = junk + frame(THEIRS, Kind.OUT, 1, b"x" * 40) + frame(OURS, Kind.OUT, 1, b"mine")
    frames = Frames(OURS)
    assert [each for at in range(0, len(stream), size) for each in frames.feed(stream[at : at + size])] == [
        (Kind.OUT, 1, b"mine")
    ]


@pytest.mark.parametrize("kept", [1, 16, 17, 18, 500, LIMIT + 16])
def test_a_half_frame_does_not_swallow_the_next_session(kept: int) -> None:
    half = frame(OURS, Kind.STDIN, 1, b"x" * LIMIT)[:kept]
    seen = list(Frames(ANYONE, OURS).feed(half + PREAMBLE + frame(ANYONE, Kind.HELLO, 0, THEIRS)))
    assert seen[-1] == (Kind.HELLO, 0, THEIRS)


def test_what_does_not_fit_a_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="through stdin"):
        frame(OURS, Kind.EXEC, 1, bytes(LIMIT + 1))
