"""One defect, and which tests must notice it."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from harness.trial.law import Law

if TYPE_CHECKING:
    from pathlib import Path

OWN = "mutants/"
"""Where files lie that are a module of their own."""


class Target(StrEnum):
    """What is judged by finding the defect in it."""

    MODULE = "module"
    """A backup module: its defect must be found by the scenarios, or by its own tests."""
    GATE = "gate"
    """The gate: by its own tests."""


class Mutant(BaseModel):
    """The exact text ``find`` of ``file`` becomes ``replace``; without it, ``file`` is a whole module with a defect."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    defect: Annotated[str, Field(min_length=1)]
    """What is wrong, in a sentence."""
    file: str
    """From the checkout's root."""
    find: str = ""
    replace: str = ""
    tests: Annotated[tuple[str, ...], Field(min_length=1)]
    """pytest's ids of the scenarios and tests that must notice: each of them. Without parameters: any of its cases."""
    sentence: str
    """A regular expression that the failure of each must contain."""
    incident: int | None = None
    """Its number in docs/incidents.md."""
    link: str = ""
    """The project and number of the issue where it really happened, as in docs/incidents.md."""
    law: Law | None = None
    """The law that is broken."""
    equivalent: str = ""
    """Why no test can notice; then it is not run."""

    @property
    def target(self) -> Target:
        """What it is a defect of."""
        return Target.GATE if self.file.startswith("harness/") else Target.MODULE

    @property
    def generated(self) -> bool:
        """Whether a rule made it, so that any test may notice, and nothing is known of an incident."""
        return False

    @property
    def is_own_module(self) -> bool:
        """Whether the file is a module of its own, and nothing in it is replaced."""
        return not self.find

    @model_validator(mode="after")
    def _fits(self) -> Self:
        try:
            re.compile(self.sentence)
        except re.error as error:
            raise ValueError(f"sentence: {error}") from None
        if self.find == self.replace and self.find:
            raise ValueError("find and replace are the same")
        if self.is_own_module != self.file.startswith(OWN):
            raise ValueError(f"find: is for all files but those in {OWN}, which are a module of their own")
        if self.target == Target.MODULE and not self.generated and (self.incident is None or self.law is None):
            raise ValueError("incident and law: a defect of the module has both")
        if self.target == Target.GATE and any(test.startswith("scenarios/") for test in self.tests):
            raise ValueError("tests: a defect of the gate is for the fast tests in tests/")
        return self

    def mutated(self, text: str) -> str:
        """Return the file's text with the defect.

        Raises:
            ValueError: ``find`` is not there exactly once.
        """
        count = text.count(self.find)
        if count != 1:
            raise ValueError(f"{self.id}: its find is {count} times in {self.file}, not once; write what is there now")
        return text.replace(self.find, self.replace)

    def put_into(self, tree: Path) -> None:
        """Change the file in a copy of the checkout. Raises what :meth:`mutated` raises."""
        if not self.is_own_module:
            path = tree / self.file
            path.write_text(self.mutated(path.read_text()))
