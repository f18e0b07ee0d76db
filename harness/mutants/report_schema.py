"""The mutation-testing-report-schema, version 2: what its viewers read (stryker-mutator.io, report.schema.json).

Only what is written here; of each class the schema requires these fields, except those with a default.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Status = Literal["Killed", "Survived", "CompileError", "RuntimeError", "Timeout", "Ignored"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)


class Position(_Part):
    """Both count from one."""

    line: int = Field(ge=1)
    column: int = Field(ge=1)


class Location(_Part):
    """``end`` is the first position that is not in it."""

    start: Position
    end: Position


class MutantResult(_Part):
    """One mutant."""

    id: str
    mutator_name: str
    location: Location
    status: Status
    status_reason: str = ""
    replacement: str = ""
    description: str = ""
    covered_by: tuple[str, ...] = ()
    """Ids of tests."""
    killed_by: tuple[str, ...] = ()
    duration: float = 0.0
    """Milliseconds."""


class FileResult(_Part):
    """A file with mutants."""

    language: str
    source: str
    mutants: tuple[MutantResult, ...]


class TestDefinition(_Part):
    """A test."""

    __test__ = False  # pytest would collect it

    id: str
    name: str


class TestFile(_Part):
    """A file with tests."""

    __test__ = False

    tests: tuple[TestDefinition, ...]


class Thresholds(_Part):
    """Scores in percent, for colours."""

    high: int = Field(ge=0, le=100)
    low: int = Field(ge=0, le=100)


class Report(_Part):
    """The document."""

    schema_version: str = Field(pattern=r"^[1-2](\.(([1-9]\d*)|0)){0,2}$")
    thresholds: Thresholds
    files: dict[str, FileResult]
    test_files: dict[str, TestFile]

    def to_json(self) -> str:
        """Return it as JSON."""
        return self.model_dump_json(by_alias=True, indent=1) + "\n"
