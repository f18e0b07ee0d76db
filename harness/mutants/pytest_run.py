"""One pytest of its own over a tree: some scenarios on the tree's module, or some tests of the tree itself."""

from __future__ import annotations

import re
import sys
import time
from typing import TYPE_CHECKING

from harness import resources
from harness.host.process import OwnedProcess
from harness.mutants.finding import of_junit, of_records
from harness.options import JUDGED, environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from harness.host.workspace import Workspace
    from harness.mutants.finding import Finding

SCENARIOS = "scenarios/"
VERBOSE = ["-v", "-v"]  # an option for `done`: a line for each test, against our -q
_RAN = (0, 1)  # pytest's exit statuses: all passed, some failed
_DONE = re.compile(r"\b(PASSED|FAILED|ERROR|SKIPPED)\b")


class PytestRun:
    """Started by being made; ``ended`` is asked now and then, then ``findings``.

    ``tests`` are all scenarios, or none is. ``module`` is the Nix file in ``tree`` that scenarios judge. ``directory``
    is new and keeps what pytest writes.
    """

    def __init__(
        self,
        tests: Sequence[str],
        *,
        tree: Path,
        module: str,
        directory: Path,
        workspace: Workspace,
        limit: float,
        options: Sequence[str] = (),
    ) -> None:
        self.tests = tests
        self.directory = directory
        self._begun = time.monotonic()
        self._limit = limit
        directory.mkdir(parents=True)
        if self.of_scenarios:
            (directory / "pytest.ini").write_text("[pytest]\n")  # so that the evidence is here, and no project's
            (directory / SCENARIOS).symlink_to(resources.ROOT / SCENARIOS)  # a file elsewhere has no name for pytest
            arguments = list(self._scenarios(tree / module))
        else:
            arguments = list(self._natively(tree))
        with (directory / "output").open("wb") as output:
            self._process = OwnedProcess(
                [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *arguments, *options],
                name="pytest",
                workspace=workspace,
                stdout=output,
                stderr=output,
                # Both come before the installed package: the tests of a tree try its own code, scenarios ours.
                env={
                    **environment(*JUDGED),
                    "PYTHONPATH": str(resources.PACKAGE.parent if self.of_scenarios else tree),
                },
                cwd=directory if self.of_scenarios else tree,
            )

    @property
    def of_scenarios(self) -> bool:
        """Whether its tests are scenarios."""
        return all(test.startswith(SCENARIOS) for test in self.tests)

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return time.monotonic() - self._begun

    @property
    def late(self) -> bool:
        """Whether it has had more time than its limit."""
        return self.seconds > self._limit

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return not self._process.running

    @property
    def done(self) -> int:
        """How many of its tests have ended, if it is VERBOSE."""
        return len(_DONE.findall(self._said))

    def close(self) -> None:
        """End it if it still runs."""
        self._process.end(grace=20)

    def findings(self) -> list[Finding]:
        """Return what its tests found; none if it did not get so far. Raises RecordError."""
        if self.of_scenarios:
            return of_records(self.directory / "evidence", self._junit)
        return of_junit(self._junit) if self._junit.exists() else []

    @property
    def trouble(self) -> str:
        """What it last said, if it did not run the tests; else ""."""
        if self._process.popen.returncode in _RAN:
            return ""
        return f"pytest ended with status {self._process.popen.returncode}: {self.last_words}"

    @property
    def last_words(self) -> str:
        """The last line of what it said so far."""
        lines = [line.strip("= ") for line in self._said.splitlines() if line.strip("= ")]
        return (lines or ["it said nothing"])[-1]

    @property
    def _said(self) -> str:
        return (self.directory / "output").read_text(errors="replace")

    @property
    def _junit(self) -> Path:
        return self.directory / "junit.xml"

    def _scenarios(self, module: Path) -> Iterator[str]:
        yield from ("-c", str(self.directory / "pytest.ini"), "--rootdir", str(self.directory))
        yield from ("--tb=short", f"--junitxml={self._junit}", "--gate-strict", f"--gate-module={module}")
        yield from self.tests

    def _natively(self, tree: Path) -> Iterator[str]:
        yield from ("-c", str(tree / "pyproject.toml"), "--rootdir", str(tree), "-p", "no:randomly", "--tb=short")
        yield f"--junitxml={self._junit}"
        yield from (str(tree / test) for test in self.tests)
