"""What a scenario imports, beside pytest: the type of what it is given, and the words of a fault plan."""

from __future__ import annotations

from harness.store.fault import Fault, FlipBit, Refuse, Reset, Stall, Truncate
from harness.trial.trial import Trial

__all__ = ["Fault", "FlipBit", "Refuse", "Reset", "Stall", "Trial", "Truncate"]
