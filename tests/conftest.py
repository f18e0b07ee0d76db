"""What tests of all parts share.

Hypothesis's profiles: a short one that always tries the same, and `--hypothesis-profile=nightly` for long runs.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, settings

StandIn: TypeAlias = Callable[[str, str], None]

_COMMON = settings(
    deadline=None,
    database=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("short", _COMMON, max_examples=15, derandomize=True)
settings.register_profile("nightly", _COMMON, max_examples=500)
settings.load_profile("short")  # before the command line's is


@pytest.fixture
def stand_in(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Puts a shell script of this name before the programs on PATH."""
    directory = tmp_path_factory.mktemp("programs")
    monkeypatch.setenv("PATH", f"{directory}:{os.environ['PATH']}")

    def put(name: str, script: str) -> None:
        (directory / name).write_text(f"#!/bin/sh\n{script}\n")
        (directory / name).chmod(0o755)

    return put
