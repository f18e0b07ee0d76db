"""Hypothesis's profile for long runs: ``pytest --hypothesis-profile=nightly``."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("nightly", max_examples=500)
