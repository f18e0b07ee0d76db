"""The datasets: a real one, one built to be hard, and the user's own."""

from __future__ import annotations

from harness.database.datasets.flights import flights
from harness.database.datasets.hard import hard
from harness.database.datasets.own import own

__all__ = ["flights", "hard", "own"]
