"""How many machines this host has room for at once."""

from __future__ import annotations

import os

import psutil

WORKER_MEMORY = 3 << 29
"""Bytes that one worker takes at most: a machine whose every page was touched, two stores, itself."""


def workers() -> int:
    """Return the number of workers for the processors we may use and the memory that is free."""
    room = psutil.virtual_memory().available // WORKER_MEMORY
    return max(1, min(len(os.sched_getaffinity(0)), room))
