"""The two halves of an S3 access key."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Credentials:
    """An access key: its public id and its secret, which ``repr`` hides."""

    key_id: str
    secret: str = field(repr=False)

    @classmethod
    def draw(cls) -> Credentials:
        """Make a fresh random key."""
        return cls(key_id=f"K{secrets.token_hex(9).upper()}", secret=secrets.token_urlsafe(30))
