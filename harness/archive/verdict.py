"""What the oracle found, stage by stage."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Stage:
    """One thing on the way from the source to the restored database, at one store or (None) before any."""

    name: str
    store: str | None
    digest: str | None
    """SHA-256, hex, of the bytes, or of the fingerprint; None if there is nothing."""
    size: int | None
    """Bytes, or the rows of a database."""
    ok: bool
    detail: str
    """What was found; if not ``ok``, the first thing that is wrong."""

    def __str__(self) -> str:
        """Say it as ``object at wasabi: …``."""
        return f"{self.name}{f' at {self.store}' if self.store else ''}: {self.detail}"


@dataclass(frozen=True)
class Verdict:
    """Whether a database's archives restore to it."""

    database: str
    stages: tuple[Stage, ...]
    """In the order of the data's way; none follows at a store whose object or plaintext is not to be had."""

    @property
    def ok(self) -> bool:
        """Whether every stage is as it should be."""
        return self.failure is None

    @property
    def failure(self) -> Stage | None:
        """The first stage that is not as it should be."""
        return next((stage for stage in self.stages if not stage.ok), None)

    def __str__(self) -> str:
        """Name the first stage and the first thing that differ."""
        if self.failure is None:
            return f"{self.database} restores from every store"
        return f"{self.database} is lost at stage {self.failure}"

    def to_json(self) -> dict[str, Any]:
        """Return it as data for :func:`json.dumps`."""
        return {
            "database": self.database,
            "ok": self.ok,
            "verdict": str(self),
            "stages": [asdict(stage) for stage in self.stages],
        }
