"""Scenarios as a person runs them: the first verdict, all of them by one worker and by two, and a worker's memory."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

from bench.result import Result
from harness.host.child import Child
from harness.host.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.host.progress import Progress

_LIMIT = 3600.0  # seconds for one run


def first_verdict(progress: Progress, *, runs: int, against: Result) -> Iterator[Result]:
    """Yield what a person waits for one scenario's verdict, from the command to its end."""
    result = Result("first-verdict", "s", against=against)
    with progress.phase("first", "running one scenario"):
        for _ in range(runs):
            begun = time.monotonic()
            with _pytest("scenarios/test_round_trip.py::test_round_trip[db1]") as pytest:
                _check(pytest, "a scenario")
            result.values.append(time.monotonic() - begun)
    yield result


def suite(
    progress: Progress, *, scenarios: str = "scenarios", name: str = "suite", rounds: int = 2
) -> Iterator[Result]:
    """Yield the results under ``name``; the templates are there already, so that it is scenarios that are timed."""
    one, memory = Result(f"{name}-1-worker", "s"), Result("worker-memory", "MB")
    two = Result(f"{name}-2-workers", "s", against=one)
    for _ in range(rounds):  # in turns: a shared host is faster at one time than at another
        for result, workers in ((one, 1), (two, 2)):
            with progress.phase("suite", f"running {scenarios}, workers: {workers}"):
                result.values.append(_run(scenarios, workers, memory))
    yield from (one, two, memory)


def _run(scenarios: str, workers: int, memory: Result) -> float:
    """Run scenarios; their wall time. Adds each worker's peak of resident memory to ``memory``."""
    begun = time.monotonic()
    peaks: dict[int, int] = {}
    ended = threading.Event()
    with _pytest(scenarios, "-n", str(workers), "--dist", "worksteal") as pytest:
        sampler = threading.Thread(target=_sample, args=(pytest.pid, peaks, ended))
        sampler.start()
        try:
            _check(pytest, f"{scenarios} with {workers} workers")
        finally:
            ended.set()
            sampler.join()
    memory.values += [peak / 1e6 for peak in peaks.values()]
    return time.monotonic() - begun


def _pytest(*arguments: str) -> Child:
    return Child(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments], stdout=subprocess.DEVNULL
    )


def _check(pytest: Child, what: str) -> None:
    """Wait for its end. Raises RuntimeError if something did not pass, or it does not end."""
    deadline = Deadline(_LIMIT)
    status = pytest.wait(lambda: deadline.passed)
    if status is None:
        message = f"{what} did not end within {_LIMIT:g} s"
        raise RuntimeError(message)
    if status:
        message = f"{what} did not pass (status {status}); its time says nothing"
        raise RuntimeError(message)


def _sample(controller: int, peaks: dict[int, int], ended: threading.Event) -> None:
    """Record the peak of each worker: the controller's direct Python children, without machines and stores."""
    while not ended.wait(0.5):
        with suppress(psutil.NoSuchProcess):  # it ended meanwhile
            for child in psutil.Process(controller).children():
                if "stdin.readline" in " ".join(child.cmdline()):  # how execnet starts a worker
                    peaks[child.pid] = max(peaks.get(child.pid, 0), child.memory_info().rss)
