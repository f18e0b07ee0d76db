"""All chosen mutants, one after another or side by side, each judged by the tests that name it."""

from __future__ import annotations

import shutil
import time
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count, islice
from typing import TYPE_CHECKING

from harness.errors import GateError
from harness.host.deadline import Deadline
from harness.mutants.generated import GeneratedMutant
from harness.mutants.pytest_run import SCENARIOS, VERBOSE, PytestRun
from harness.mutants.tree import module_under_test, plant
from harness.mutants.verdict import Fate, Verdict, cases, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from harness.host.progress import Progress
    from harness.host.workspace import Workspace
    from harness.mutants.finding import Finding
    from harness.mutants.mutant import Mutant

_POLL = 0.1  # seconds
_LEAST = 120.0  # seconds for one run of tests, which may first have to make a machine
_QUICK = ["-k", "not rclone]"]  # of a generated mutant: what a second kind of store repeats tells nothing new
_HANGS = ["--timeout=90"]  # seconds, of one test natively: a generated mutant may loop, and its test has noticed then
_SILENCE = 3600.0  # seconds without a mutant in which no test ends; one may first have to make an image, and a machine
_MANY = 10  # tests without a mutant, after which to say so
_TIMES = 5  # as long as without the mutant


class NotGreenError(GateError):
    """The tests do not hold of what has no mutant in it, or do not end."""


@dataclass
class _Case:
    """A mutant under way."""

    mutant: Mutant
    tree: Path
    last_resort: Sequence[str]
    """Tests that are asked if the others notice nothing."""
    runs: list[PytestRun] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)
    spent: float = 0.0
    """Seconds before a pause."""

    def pause(self) -> None:
        self.spent = self.seconds

    def go_on(self) -> None:
        self.begun = time.monotonic() - self.spent

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.begun

    @property
    def ended(self) -> bool:
        return all(run.ended for run in self.runs)

    @property
    def late(self) -> bool:
        return any(run.late and not run.ended for run in self.runs)

    @property
    def unnoticed(self) -> bool:
        outcomes = {finding.outcome for run in self.runs for finding in run.findings()}
        return bool(outcomes) and outcomes <= {"passed", "skipped"}


class Campaign:
    """Over these mutants; ``workers`` at once. ``full``: on a mutant of the module, all scenarios.

    ``tell`` gets each verdict as it is known.
    """

    def __init__(
        self,
        mutants: Sequence[Mutant],
        *,
        workspace: Workspace,
        progress: Progress,
        workers: int,
        full: bool = False,
        tell: Callable[[Verdict], None] = lambda _: None,
    ) -> None:
        self._mutants = mutants
        self._workspace = workspace
        self._progress = progress
        self._workers = workers
        self._full = full
        self._tell = tell
        self.unchanged = workspace.path / "unchanged"
        """The checkout as it was when this began: someone may work in it."""
        self._number = count(1)
        self._seconds: dict[str, float] = {}
        """By test: how long it took without a mutant."""

    def run(self) -> list[Verdict]:
        """Judge all, in the order given.

        Raises:
            NotGreenError: a test is red without any mutant, or does not end, so that it can judge none.
        """
        plant(self.unchanged, None)
        verdicts = {
            mutant.id: Verdict(mutant, Fate.EQUIVALENT, mutant.equivalent)
            for mutant in self._mutants
            if mutant.equivalent
        }
        judged = [mutant for mutant in self._mutants if not mutant.equivalent]
        self._without_mutants(judged)
        begun = time.monotonic()
        unnoticed: list[_Case] = []

        def end(case: _Case) -> None:
            if case.last_resort and not case.late and case.unnoticed:
                case.pause()
                unnoticed.append(case)
                return
            verdict = verdicts[case.mutant.id] = self._end(case)
            done = sum(mutant.id in verdicts for mutant in judged)
            left = (time.monotonic() - begun) / done * (len(judged) - done)
            self._say(verdict, f"{done}/{len(judged)}", left)
            self._tell(verdict)

        self._side_by_side((self._begin(mutant) for mutant in judged), self._at_once(judged), end)
        if unnoticed:
            self._progress.say(f"{len(unnoticed)} that their tests do not notice, by scenarios")
        self._side_by_side(map(self._go_on, unnoticed), self._workers, end)
        return [verdicts[mutant.id] for mutant in self._mutants]

    def _side_by_side(self, cases: Iterator[_Case], number: int, end: Callable[[_Case], None]) -> None:
        """Begin them one by one, with ``number`` under way at once, and call ``end`` with each that has come to one."""
        under_way: list[_Case] = []
        try:
            while True:
                under_way += islice(cases, number - len(under_way))
                if not under_way:
                    return
                time.sleep(_POLL)
                for case in [case for case in under_way if case.ended or case.late]:
                    under_way.remove(case)
                    end(case)
        finally:
            for case in under_way:
                for run in case.runs:
                    run.close()

    def _at_once(self, mutants: Iterable[Mutant]) -> int:
        """How many to judge at once: tests of the program wait for rclone half of the time, a machine takes a core."""
        return self._workers * (2 if all(mutant.generated for mutant in mutants) else 1)

    def _without_mutants(self, mutants: Collection[Mutant]) -> None:
        """See that all tests are green on what has no mutant in it."""
        tests = [test for mutant in mutants for test in (*self._tests(mutant), *_last_resort(mutant))]
        if not tests:
            return
        at_once = self._at_once(mutants)
        many = ["-n", str(at_once), "--dist", "worksteal"] if at_once > 1 else []
        with self._progress.phase("without mutants", "all tests, without a mutant"):
            generated = all(mutant.generated for mutant in mutants)
            options = [*VERBOSE, *many, *(_QUICK if generated else [])]
            natively = _HANGS if generated else []
            # However many they are, they may go on as long as one after another ends.
            for run in self._runs(tests, None, self.unchanged, float("inf"), options, natively):
                try:
                    self._wait(run)
                finally:
                    run.close()
                if run.trouble:
                    raise NotGreenError(f"the tests do not run without a mutant: {run.trouble}")
                for finding in run.findings():
                    if finding.outcome not in {"passed", "skipped"}:
                        message = f"{finding.test} is not green without a mutant, so that it can judge none"
                        raise NotGreenError(f"{message}: {finding.reason.strip()[:500]}")
                    self._seconds[finding.test] = finding.seconds

    def _wait(self, run: PytestRun) -> None:
        """Wait for its end. Raises NotGreenError if none of its tests has ended for too long."""
        told = done = 0
        deadline = Deadline(_SILENCE)
        while not run.ended:
            time.sleep(_POLL)
            if run.done > done:
                done, deadline = run.done, Deadline(_SILENCE)
            if deadline.passed:
                message = f"no test has ended for {_SILENCE:g} s without a mutant"
                raise NotGreenError(f"{message}: pytest last said {run.last_words}")
            if done >= told + _MANY:
                told = done
                self._progress.say(f"  {told} {'scenarios' if run.of_scenarios else 'tests'} done")

    def _begin(self, mutant: Mutant) -> _Case:
        case = _Case(mutant, self._workspace.path / mutant.id, _last_resort(mutant))
        plant(case.tree, mutant, self.unchanged)
        self._start(case, self._tests(mutant))
        return case

    def _go_on(self, case: _Case) -> _Case:
        tests, case.last_resort = case.last_resort, ()
        case.go_on()
        self._start(case, tests)
        return case

    def _start(self, case: _Case, tests: Collection[str]) -> None:
        usual = sum(seconds for test in tests for name, seconds in self._seconds.items() if cases(test, [name]))
        limit = _LEAST * self._workers + _TIMES * usual
        options, natively = (["-x", *_QUICK], _HANGS) if case.mutant.generated else ([], [])
        case.runs += self._runs(tests, case.mutant, case.tree, limit, options, natively)

    def _end(self, case: _Case) -> Verdict:
        seconds = case.seconds
        late = case.late
        findings: list[Finding] = []
        trouble = ""
        for run in case.runs:
            run.close()
            found = run.findings()
            findings += found
            trouble = trouble or ("" if found else run.trouble)
        shutil.rmtree(case.tree)
        if late:
            return Verdict(case.mutant, Fate.TIMED_OUT, f"its tests were ended after {seconds:.0f} s", seconds=seconds)
        if trouble and not any(finding.red for finding in findings):
            return Verdict(case.mutant, Fate.INVALID, trouble, seconds=seconds)
        return judge(case.mutant, findings, seconds)

    def _tests(self, mutant: Mutant) -> list[str]:
        everything = [SCENARIOS] if self._full and any(test.startswith(SCENARIOS) for test in mutant.tests) else []
        return [*everything, *(test for test in mutant.tests if not everything or not test.startswith(SCENARIOS))]

    def _runs(
        self,
        tests: Collection[str],
        mutant: Mutant | None,
        tree: Path,
        limit: float,
        options: Sequence[str],
        natively: Sequence[str],
    ) -> Iterator[PytestRun]:
        """Start one for the scenarios and one for the others, which has the options ``natively`` besides."""
        kinds: defaultdict[bool, list[str]] = defaultdict(list)
        for test in dict.fromkeys(tests):
            kinds[test.startswith(SCENARIOS)].append(test)
        for of_scenarios, chosen in kinds.items():
            yield PytestRun(
                chosen,
                tree=tree,
                module=module_under_test(mutant),
                directory=self._workspace.path / f"{tree.name}-{next(self._number)}",
                workspace=self._workspace,
                limit=limit,
                options=options if of_scenarios else [*options, *natively],
            )

    def _say(self, verdict: Verdict, position: str, left: float) -> None:
        why = f": {verdict.why}" if verdict.why else ""
        rest = f"; about {left / 60:.0f} min left" if left > 60 else ""
        self._progress.say(f"{position} {verdict.mutant.id}: {verdict.fate}, {verdict.seconds:.0f} s{rest}{why}")


def _last_resort(mutant: Mutant) -> Sequence[str]:
    return mutant.scenarios if isinstance(mutant, GeneratedMutant) else ()
