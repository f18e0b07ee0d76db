"""The oracle's findings, stage by stage."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """One step from the source to the restored database, at one store or (None) before any."""

    name: str
    store: str | None
    digest: str | None
    """SHA-256, hex, of the bytes, or of the fingerprint; None if missing."""
    size: int | None
    """Bytes, or a database's rows."""
    ok: bool
    detail: str
    """What was found; if not ``ok``, the first defects."""
    differences: tuple[str, ...] = ()
    """All differences of a restored database from its source, each with its reason if the dump's options are it."""

    notes: tuple[str, ...] = ()
    """What to do after a restore, since no dump carries it: no defect of the backup."""

    def __str__(self) -> str:
        """Format it as ``'object' (wasabi): …``."""
        return f"{self.name!r}{f' ({self.store})' if self.store else ''}: {self.detail}"


@dataclass(frozen=True)
class Verdict:
    """Whether a database's archives restore to it."""

    database: str
    stages: tuple[Stage, ...]
    """In the data's order; ends early at a store whose object or plaintext is unavailable."""

    @property
    def ok(self) -> bool:
        """Whether every stage is ok."""
        return self.failure is None

    @property
    def failure(self) -> Stage | None:
        """The first stage that is not ok."""
        return next((stage for stage in self.stages if not stage.ok), None)

    def __str__(self) -> str:
        """Name the first stage and the first thing that differ."""
        if self.failure is None:
            return f"{self.database} restores from every store"
        return f"{self.database} failed at stage {self.failure}"
