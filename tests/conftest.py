"""Hypothesis's profiles: a short one that always tries the same, and `--hypothesis-profile=nightly` for long runs."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

_COMMON = settings(
    deadline=None,
    database=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("short", _COMMON, max_examples=15, derandomize=True)
settings.register_profile("nightly", _COMMON, max_examples=500)
settings.load_profile("short")  # before the command line's is
