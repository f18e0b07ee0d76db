"""What one scenario found, as data: ``record.json``, one for every scenario, passed or failed.

Reports are drawn from it. The schema is these classes, and docs/evidence.md is about each field; ``version`` changes
when an older reader could not read it. Times are the host's, UTC. It has no secrets.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from harness.archive.verdict import Verdict
from harness.errors import GateError
from harness.evidence.situation import Situation
from harness.trial.findings import Event
from harness.trial.law import Judgement

if TYPE_CHECKING:
    from collections.abc import Callable

VERSION = 4
FILE = "record.json"
NOT_BEGUN = "pytest ended before it began"
"""The reason of a scenario that was collected and no more."""

Outcome = Literal["passed", "failed", "error", "skipped"]
"""``failed`` is a verdict on the module; ``error`` is trouble of the harness or host, which says nothing about it."""


class RecordError(GateError):
    """A record cannot be read."""


@dataclass(frozen=True)
class Run:
    """One run of a backup unit."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    database: str
    unit: str
    at: datetime
    """When it was started."""
    result: str
    """systemd's word: ``success``, ``exit-code``, ``timeout``, …"""
    seconds: float
    journal: str
    """The unit's, of this run, as ``journalctl --output=short-monotonic`` prints it: seconds since the boot."""
    objects: dict[str, dict[str, int]]
    """By store: the run's new keys, with their sizes in bytes."""
    requests: dict[str, int]
    """By store: how many it got in the run."""
    verdicts: tuple[Verdict, ...] = ()
    """Of its archives, by stage and store: one per judgement."""


@dataclass(frozen=True)
class Exchange:
    """A request to a store, and how it was answered."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    at: datetime
    seconds: float
    """Until its answer was ready."""
    method: str
    key: str
    """Of the object, "" if it is about the bucket."""
    size: int
    """Of its body, in bytes."""
    status: int | None
    """HTTP's, of the answer; None if the connection ended without one."""
    error: str
    """S3's error code, "" if none was given."""
    fault: str
    """The fault that it met, "" if none."""


@dataclass(frozen=True)
class Record:
    """For one scenario."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    scenario: str
    """pytest's id: ``scenarios/test_x.py::test_y[db1]``."""
    run: str
    """Of the pytest run, the same for all of its workers: records of other runs have another."""
    outcome: Outcome
    reason: str
    """One line: why it was skipped, what failed; "" if nothing did, or if it cannot be told without secrets."""
    started: datetime
    seconds: float
    """Of the scenario itself, without making its machine."""
    situation: Situation | None = None
    """None where no trial was made."""
    runs: tuple[Run, ...] = ()
    incidents: tuple[int, ...] = ()
    """The real failures that it repeats, by their numbers in docs/incidents.md."""
    laws: tuple[Judgement, ...] = ()
    """One per law and run that it was asked of."""
    requests: dict[str, tuple[Exchange, ...]] = field(default_factory=dict)
    """By store: all that it got in the scenario, by their starts."""
    inventory: dict[str, dict[str, int] | None] = field(default_factory=dict)
    """By store: the keys that it had at the end, with their sizes in bytes; None: it could not be reached."""
    timeline: tuple[Event, ...] = ()
    """What was done, by start."""
    files: dict[str, str] = field(default_factory=dict)
    """Other files in the record's directory: title → file name. For a failure: journals, console, requests."""
    again: str = ""
    """The command that runs the scenario again."""
    kept: str = ""
    """What ``pg-archive-gate shell --scenario`` thaws the failed machine by; "" if none was kept."""
    version: int = VERSION

    @property
    def name(self) -> str:
        """The scenario without its directory, which depends on where pytest was started: ``test_x.py::test_y[db1]``."""
        file, separator, rest = self.scenario.partition("::")
        return file.rsplit("/", 1)[-1] + separator + rest

    def save(self, directory: Path, redact: Callable[[str], str]) -> Path:
        """Write it into the directory, all texts redacted: all of it, or what was there stays. Return the file."""
        path, half = directory / FILE, directory / f".{FILE}.half"
        document = _redacted(_adapter().dump_python(self, mode="json"), redact)
        half.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return half.replace(path)

    @classmethod
    def load(cls, path: Path) -> Record:
        """Read what ``save`` wrote.

        Raises:
            RecordError: it cannot be read, or is of another version.
        """
        try:
            text = path.read_text(encoding="utf-8")
            document = json.loads(text)
            if not isinstance(document, dict):
                raise _not_a_record(path, "it is no JSON object")
            version = document.get("version")
            if version != VERSION:
                raise RecordError(f"{path} is a record of version {version}, not {VERSION}, which this reads")
            return _adapter().validate_json(text, strict=True)
        except ValidationError as error:
            raise _not_a_record(path, _first(error)) from None
        except (OSError, ValueError) as error:
            raise _not_a_record(path, str(error)) from error

    @classmethod
    def below(cls, directory: Path) -> dict[Path, Record]:
        """Read all records below a directory, by their files. Raises RecordError."""
        return {path: cls.load(path) for path in sorted(directory.rglob(FILE))}


def _not_a_record(path: Path, why: str) -> RecordError:
    return RecordError(f"{path} is not a record: {why}; remove it, or name another directory")


def _first(error: ValidationError) -> str:
    """Return the first of what is wrong, and how many more there are: all of it is a page."""
    first = error.errors()[0]
    more = error.error_count() - 1
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}" + (f", and {more} more" if more else "")


@cache
def _adapter() -> TypeAdapter[Record]:
    return TypeAdapter(Record)


def _redacted(value: Any, redact: Callable[[str], str]) -> Any:
    """Redact before JSON's escapes, which would hide a secret."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [_redacted(item, redact) for item in value]
    if isinstance(value, dict):
        return {redact(key): _redacted(item, redact) for key, item in value.items()}
    return value
