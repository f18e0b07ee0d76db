"""What the store's process is told at its start: one line of JSON on stdin."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

JOURNAL = "journal.jsonl"  # in the store's directory


@dataclass(frozen=True)
class Configuration:
    """A store's settings. It contains secrets, so it is only ever sent through a pipe."""

    kind: str
    """Which of :data:`harness.kinds.STORES` it is."""
    bucket: str
    secrets: dict[str, str] = field(repr=False)
    """Secret access key by access key id."""
    exempt: str
    """The access key id that faults never apply to: the harness's."""
    reader: str
    """The access key id that may only read, and that faults never apply to either."""
    chain: str
    key: str = field(repr=False)
    forbidden: dict[str, str] = field(repr=False)
    directory: str
    """Private: the journal, bodies too large for memory, and what the kind keeps on disk."""

    def to_json(self) -> str:
        """Return it on one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> Configuration:
        """Read back what :meth:`to_json` gave."""
        return cls(**json.loads(line))
