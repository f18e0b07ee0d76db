"""The whole scenario suite, with one worker and with two, and the memory of a worker's Python."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

from bench.result import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.host.progress import Progress

_ROUNDS = 2
_LIMIT = 3600.0  # seconds for one run


def suite(progress: Progress) -> Iterator[Result]:
    """Yield the results; the templates exist already, so that only scenarios are timed."""
    one, memory = Result("suite-1-worker", "s"), Result("worker-memory", "MB")
    two = Result("suite-2-workers", "s", against=one)
    for _ in range(_ROUNDS):  # alternating: a shared host's speed varies over time
        for result, workers in ((one, 1), (two, 2)):
            with progress.phase("suite", f"running the whole suite, workers: {workers}"):
                result.values.append(_run(workers, memory))
    yield from (one, two, memory)


def _run(workers: int, memory: Result) -> float:
    """Run the suite; return its wall time. Adds each worker's peak of resident memory to ``memory``."""
    begun = time.monotonic()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "pytest",
            "scenarios",
            "-q",
            "-p",
            "no:cacheprovider",
            "-n",
            str(workers),
            "--dist",
            "worksteal",
        ],
        stdout=subprocess.DEVNULL,
    )
    peaks: dict[int, int] = {}
    ended = threading.Event()
    sampler = threading.Thread(target=_sample, args=(process.pid, peaks, ended))
    sampler.start()
    try:
        if status := process.wait(timeout=_LIMIT):
            message = f"the suite did not pass with {workers} workers (status {status}); its time says nothing"
            raise RuntimeError(message)
    finally:
        process.terminate()
        ended.set()
        sampler.join()
    memory.values += [peak / 1e6 for peak in peaks.values()]
    return time.monotonic() - begun


def _sample(controller: int, peaks: dict[int, int], ended: threading.Event) -> None:
    """Record the peak of each worker: the controller's direct Python children, without machines and stores."""
    while not ended.wait(0.5):
        with suppress(psutil.NoSuchProcess):  # it ended meanwhile
            for child in psutil.Process(controller).children():
                if "stdin.readline" in " ".join(child.cmdline()):  # how execnet starts a worker
                    peaks[child.pid] = max(peaks.get(child.pid, 0), child.memory_info().rss)
