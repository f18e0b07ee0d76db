"""Where the time of a run went: parts that add up to the whole."""

from __future__ import annotations

import time

import pytest

from harness.host.progress import Progress


def sleep(seconds: float = 0.03) -> None:
    time.sleep(seconds)


def test_the_total_is_the_sum_of_its_parts() -> None:
    begun = time.monotonic()
    progress = Progress(quiet=True)
    sleep()
    with progress.phase("outer", "one within which is another"):
        sleep()
        with progress.phase("inner", "it"):
            sleep()
        with progress.phase("inner", "it"):
            sleep()
    sleep()
    times = progress.times()
    lasted = time.monotonic() - begun

    assert list(times) == ["inner", "outer", "other", "total"]
    assert round(sum(seconds for key, seconds in times.items() if key != "total"), 2) == times["total"]
    assert 0.14 <= times["total"] <= lasted + 0.02  # rounded
    assert times["inner"] >= 0.06
    assert times["other"] >= 0.05  # the parts may be rounded up
    assert 0.03 <= times["outer"] < times["total"] - 0.1


def test_a_phase_that_fails_counts() -> None:
    progress = Progress(quiet=True)

    def fail() -> None:
        with progress.phase("inner", "it"):
            sleep()
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert progress.times()["inner"] >= 0.03
