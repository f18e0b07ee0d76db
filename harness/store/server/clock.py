"""The store's own clock, which a test can set off the host's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """The host's UTC time plus ``skew`` seconds."""

    skew: float = 0.0

    def now(self) -> datetime:
        """Return the store's time."""
        return datetime.now(UTC) + timedelta(seconds=self.skew)
