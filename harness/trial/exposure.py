"""What runs show of the site's secrets, wherever one could look while they run and afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import GateError
from harness.trial.law import Law

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from harness.trial.backup_run import BackupRun
    from harness.trial.trial import Trial


class Exposure:
    """Watches runs inside ``with``; :meth:`judge` then says what they showed.

    Files in memory, for the unit alone, are where secrets belong; on the disk they would be in the host's own backup.
    """

    def __init__(self, trial: Trial) -> None:
        self._machine = trial.machine
        self._laws = trial.laws
        self._leaks = trial.leaks
        self._watch = trial.leaks.executions()
        self._seen: set[str] = set()

    def __enter__(self) -> Exposure:
        self._kept_before = self._leaks.kept_on_disk()
        self._readable_before = self._leaks.readable_files()
        self._executions = self._watch.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        self._watch.__exit__(kind, *raised)

    def look(self) -> None:
        """Look at what every user of the machine can read now, while a run is held at a point."""
        self._seen |= {*self._leaks.readable_files(), *self._leaks.in_written_files("nobody")}

    def judge(self, *runs: BackupRun) -> None:
        """Judge the runs by what they showed.

        Raises:
            LawBroken: a passphrase, a key or a row could be read; it has a sentence for each place.
            GateError: the watch or the search did not see what must be there, so that nothing can be said.
        """
        with self._laws.about(Law.SECRECY):
            if shown := self._shown(runs):
                raise AssertionError("\n".join(shown))

    def _shown(self, runs: Collection[BackupRun]) -> list[str]:
        journal = self._machine.check(["journalctl", "--no-pager", "--output=export"]).text
        programs = {execution.program for execution in self._executions}
        good = any(run.succeeded for run in runs)
        if not programs or (good and not programs > {"pg_dump"}):  # by what a module uploads is its own
            raise _unjudged(f"the watch over executions saw only {sorted(programs)}")
        if unseen := [run.unit for run in runs if run.unit not in journal]:
            raise _unjudged(f"{unseen[0]} is not in the machine's journal")
        if not self._leaks.in_written_files("root"):
            raise _unjudged("the search does not find the secrets where they belong")
        return [*self._in_requests(runs), *self._in_executions(), *self._left(journal)]

    def _in_requests(self, runs: Iterable[BackupRun]) -> Iterator[str]:
        for store, requests in (found for run in runs for found in run.requests.items()):
            for request in requests:
                what = f"{store}: {request.method} {request.path}"
                if request.forbidden:
                    yield f"{what} holds {', '.join(request.forbidden)}"
                if request.plaintext:
                    yield f"{what} begins like {request.plaintext}: it is not encrypted"

    def _in_executions(self) -> Iterator[str]:
        for execution in self._executions:
            if self._leaks.in_texts(*execution.argv):
                yield f"a secret is in the command line of {execution.program}"
            if self._leaks.in_texts(*execution.environment):
                yield f"a secret is in the environment of {execution.program}"
            if execution.readable:
                readable = ", ".join(sorted(execution.readable))
                yield f"any user of the machine could read {readable} when {execution.program} started"

    def _left(self, journal: str) -> Iterator[str]:
        if self._leaks.in_texts(journal):
            yield "the journal has a secret"
        if seen := self._leaks.without_empty(frozenset(self._seen) - self._readable_before):
            yield f"any user of the machine could read {', '.join(sorted(seen))} while it ran"
        if kept := self._leaks.kept_on_disk() - self._kept_before:
            yield f"a run left a secret on the disk, in {', '.join(sorted(kept))}"
        if holding := self._leaks.in_written_files("nobody"):
            yield f"any user of the machine can read a secret in {', '.join(holding)}"


def _unjudged(cause: str) -> GateError:
    return GateError(f"{cause}, so what runs show of secrets cannot be judged; run it again, and report it if it stays")
