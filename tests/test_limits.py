"""What a run allows grows with its data, and options override it."""

from __future__ import annotations

import pytest

from harness.limits import Limits
from harness.options import OptionError, Options

MB, GB = 10**6, 10**9


def test_small_data_cost_nothing() -> None:
    assert Limits.of(Options(), [2 * MB, 100_000]) == Limits.of(Options(), []) == Limits()


def test_large_data_get_more() -> None:
    large = Limits.of(Options(), [GB, 5 * MB])
    assert large == Limits(seconds=3000, disk=8, memory=1024)
    assert Limits.of(Options(), [5 * GB]) == Limits(seconds=15_000, disk=32, memory=2048)


def test_options_override() -> None:
    options = Options.parse({"timeout": "60", "disk": "100", "memory": "512"})
    assert Limits.of(options, [5 * GB]) == Limits(seconds=60, disk=100, memory=512)


@pytest.mark.parametrize("value", ["0", "-1", "4G", "4.5", "²"])
def test_a_number_is_a_number(value: str) -> None:
    with pytest.raises(OptionError, match=r"--gate-disk: .* is not a whole number above zero"):
        Options.parse({"disk": value})
