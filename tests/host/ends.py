"""Whether a process has ended."""

from __future__ import annotations

import time

import psutil

from harness.host.deadline import Deadline


def ends(process_id: int) -> bool:
    """Wait until it has ended, reaped or not: some containers' init reaps nobody."""
    deadline = Deadline(10)
    while _lives(process_id) and not deadline.passed:
        time.sleep(0.05)
    return not _lives(process_id)


def _lives(process_id: int) -> bool:
    try:
        return psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
