"""What a command takes: time, CPU, memory, disk."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from harness.host.process import OwnedProcess

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from harness.host.workspace import Workspace

_PERIOD = 0.05  # seconds between two looks
_LIMIT = 3600.0  # seconds


@dataclass(frozen=True)
class Footprint:
    """Of one command and all its children; memory is resident, summed over the processes, at its highest."""

    seconds: float
    cpu: float
    """Seconds, user and system."""
    memory: int
    """Bytes, of all but rclone."""
    rclone_memory: int
    disk: int
    """Bytes that the directory grew by at most."""

    @classmethod
    def of(
        cls,
        command: Sequence[str],
        directory: Path,
        place: Path,
        environment: Mapping[str, str],
        workspace: Workspace,
    ) -> Footprint:
        """Run ``command`` in ``place`` and measure it.

        Raises:
            CalledProcessError: it fails.
            TimeoutExpired: it does not end.
        """
        before, used = _size(directory), _cpu()
        memory = rclone_memory = disk = 0
        begun = time.monotonic()
        process = OwnedProcess(
            command, name="measured", workspace=workspace, stderr=sys.stderr.buffer, env=environment, cwd=place
        )
        try:
            while process.running:
                if time.monotonic() - begun > _LIMIT:
                    raise subprocess.TimeoutExpired(command, _LIMIT)
                own, rclones = _memory(process.pid)
                memory, rclone_memory = max(memory, own), max(rclone_memory, rclones)
                disk = max(disk, _size(directory) - before)
                time.sleep(_PERIOD)
            seconds = time.monotonic() - begun
        finally:
            status = process.end()
        if status:
            raise subprocess.CalledProcessError(status, command)
        return cls(seconds, _cpu() - used, memory, rclone_memory, disk)


def _memory(pid: int) -> tuple[int, int]:
    sizes = {True: 0, False: 0}
    try:
        parent = psutil.Process(pid)
        for each in (parent, *parent.children(recursive=True)):
            try:
                sizes[each.name() == "rclone"] += each.memory_info().rss
            except psutil.NoSuchProcess:  # it ended meanwhile
                continue
    except psutil.NoSuchProcess:
        pass
    return sizes[False], sizes[True]


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _size(directory: Path) -> int:
    total = 0
    for path in directory.rglob("*"):
        try:
            total += path.stat().st_blocks * 512
        except FileNotFoundError:  # removed meanwhile
            continue
    return total
