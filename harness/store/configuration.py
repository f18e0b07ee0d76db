"""What the store's process is told at its start: one line of JSON on its standard input."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

JOURNAL = "journal.jsonl"  # in the store's directory


@dataclass(frozen=True)
class Configuration:
    """A store's settings, secrets included, so it travels by a pipe and nowhere else."""

    kind: str
    """Which of :data:`harness.kinds.STORES` it is."""
    bucket: str
    secrets: dict[str, str] = field(repr=False)
    """Secret access key by access key id."""
    exempt: str
    """The access key id whose requests meet no fault: the harness's own."""
    chain: str
    key: str = field(repr=False)
    forbidden: dict[str, str] = field(repr=False)
    directory: str
    """Private; for the journal, for bodies too large for memory, and for what the kind keeps on disk."""

    def to_json(self) -> str:
        """Return it on one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> Configuration:
        """Read back what :meth:`to_json` gave."""
        return cls(**json.loads(line))
