"""The datasets: a real one, one built to be hard, and the user's own."""

from __future__ import annotations

from harness.database.datasets.flights import MISSING, flights, is_installed
from harness.database.datasets.hard import hard
from harness.database.datasets.own import own

__all__ = ["MISSING", "flights", "hard", "is_installed", "own"]
