"""``-n auto`` asks for as many workers as processors and memory allow."""

from __future__ import annotations

import os
from types import SimpleNamespace

import psutil
import pytest

from harness.plugin.workers import WORKER_MEMORY, workers


@pytest.mark.parametrize(("processors", "room", "wanted"), [(8, 100.0, 8), (8, 3.9, 3), (8, 0.2, 1), (1, 100.0, 1)])
def test_workers(monkeypatch: pytest.MonkeyPatch, processors: int, room: float, wanted: int) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=int(room * WORKER_MEMORY)))
    assert workers() == wanted


def test_xdist_asks(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this project, whose settings contain a gate option."""
    monkeypatch.setattr("harness.plugin.workers.workers", lambda: 17)
    assert pytestconfig.hook.pytest_xdist_auto_num_workers(config=pytestconfig) == 17
