"""One line of a store's journal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Request:
    """A finished request, as the store saw it. Times are the host's UTC; sizes are bytes.

    Forbidden strings are replaced by their labels in brackets.
    """

    start: datetime
    end: datetime
    """When the answer was ready, before its first byte was sent."""
    method: str
    tls: bool
    """Whether it came over TLS; a store speaks plain HTTP only where a fault makes it do so."""
    certificate: str
    """Why its client had to refuse the certificate that it was shown (:class:`Connection`), "" for a good one."""
    path: str
    """Percent-decoded."""
    query: dict[str, str]
    operation: str
    """S3's name of what was asked, such as "PutObject" or "CopyObject"; "" if S3 has none such."""
    copied: str
    """The key that it asks to copy, "" if none, or one of another bucket."""
    bucket: str
    key: str
    key_id: str
    """The access key id that it claimed, "" if none."""
    size: int
    """Of the decoded body: the object's bytes, without aws-chunked framing."""
    sha256: str
    """Of the same bytes, hex."""
    plaintext: str
    """The format of a dump that they begin like, "" if none: then they may be a ciphertext."""
    forbidden: dict[str, tuple[str, ...]]
    """Labels of the forbidden strings in it, each with where it was found: "body", "url", "headers"."""
    status: int | None
    """HTTP status of the answer, None if the connection ended without one."""
    done: bool
    """Whether the store did what was asked; a fault may have made of that an answer of 500, or none."""
    error: str
    """S3 error code of the answer, "" if none was given."""
    answer_size: int
    """Of the answer's body, from Content-Length."""
    fault: str
    """The fault that applied to it, "" if none."""

    def to_json(self) -> str:
        """Return its journal line, without the newline."""
        document = {**vars(self), "start": self.start.isoformat(), "end": self.end.isoformat()}
        return json.dumps(document, ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str) -> Request:
        """Read back what :meth:`to_json` gave."""
        document: dict[str, Any] = json.loads(line)
        document["start"] = datetime.fromisoformat(document["start"])
        document["end"] = datetime.fromisoformat(document["end"])
        document["forbidden"] = {label: tuple(places) for label, places in document["forbidden"].items()}
        return cls(**document)
