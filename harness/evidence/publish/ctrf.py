"""The Common Test Report Format (https://ctrf.io), as its JSON Schema asks for it: times in milliseconds."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.evidence.record import Record

_STATUSES = {"passed": "passed", "failed": "failed", "skipped": "skipped", "error": "other"}


def ctrf(records: Sequence[Record]) -> str:
    """Return the records as a CTRF document; what could not be judged has the status ``other``."""
    statuses = [_STATUSES[record.outcome] for record in records]
    begun = [record.started.timestamp() for record in records]
    ended = [at + record.seconds for at, record in zip(begun, records, strict=True)]
    document = {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "generatedBy": "pg-archive-gate",
        "results": {
            "tool": {"name": "pg-archive-gate", "version": version("pg-archive-gate")},
            "summary": {
                "tests": len(records),
                **{status: statuses.count(status) for status in ("passed", "failed", "skipped", "pending", "other")},
                "start": _milliseconds(min(begun)),
                "stop": _milliseconds(max(ended)),
            },
            "tests": [_test(record) for record in records],
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _test(record: Record) -> dict[str, Any]:
    file, _, _ = record.name.partition("::")
    return {
        "name": record.name,
        "status": _STATUSES[record.outcome],
        "duration": _milliseconds(record.seconds),
        "start": _milliseconds(record.started.timestamp()),
        "rawStatus": record.outcome,
        "suite": [file],
        "filePath": f"scenarios/{file}",
        **({"message": record.reason} if record.reason else {}),
        "extra": {
            "incidents": list(record.incidents),
            "laws": [{"law": each.law, "holds": each.holds, "said": each.said} for each in record.laws],
        },
    }


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
