"""The laws as checks that can be asked of any run, with a sentence in the operator's words for each that it breaks.

They know nothing of a module but its contract (nixos-tests/contract.nix).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.store.errors import StoreDied, StoreError
from harness.trial.law import Judgement, Law, LawBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from harness.archive.verdict import Verdict
    from harness.site.site import Site
    from harness.store.store import Store
    from harness.trial.backup_run import BackupRun
    from harness.trial.findings import Findings
    from harness.trial.unit import Unit

# How a run ends without a chance to clean up: what it left is the next one's to remove.
_BY_FORCE = {"signal", "core-dump", "oom-kill", "watchdog", "timeout", "power-cut"}


class CannotJudgeError(Exception):
    """A law cannot be judged now; the message says why."""


class Laws:
    """The laws of one trial."""

    def __init__(
        self,
        *,
        site: Site,
        stores: Mapping[str, Store],
        units: Mapping[str, Unit],
        findings: Findings,
        judge: Callable[[BackupRun, Collection[str]], Verdict],
    ) -> None:
        self._site = site
        self._stores = stores
        self._units = units
        self._findings = findings
        self._judge = judge

    def __call__(
        self, run: BackupRun, *, where: str = "", cause: str = "", served: bool = True, except_: Collection[Law] = ()
    ) -> None:
        """Ask all laws that the site promises, ``except_`` some, of a run.

        What a red run's journal must name in one line: ``where``, a store or a regular expression for the step, by
        default each store without an archive that had a fault, or while another has one; and the ``cause``, a regular
        expression. Case is ignored. ``served`` is False if the trouble is on the host, so that no store can have an
        archive.

        Raises:
            LawBroken: the run breaks at least one.
            GateError: it cannot be found out.
        """
        healthy = self._healthy(run, where) if served else set()
        lacking = [name for name in sorted(self._stores) if not self._whole_at(run, name)]
        if len(lacking) == len(self._stores):  # then it is a store's fault only if that had one
            lacking = sorted(run.observed.troubled)
        expected = [where] if where else lacking
        checks: dict[Law, Callable[[], str]] = {
            Law.RESTORABLE: lambda: self._restorable(run),
            Law.SAYS: lambda: self._says(run, expected, cause),
            Law.KEEPS: lambda: self._keeps(run),
            Law.SERVES: lambda: self._serves(run, healthy),
            Law.WHOLE: lambda: self._whole(run, served=served, judged=healthy),
            Law.SECRECY: lambda: self._secrecy(run),
            Law.BOUNDED: lambda: self._bounded(run),
        }
        self._ask(run, checks, except_)

    def heal(self, database: str, *, except_: Collection[Law] = ()) -> BackupRun:
        """End all faults at the stores, back up again, and ask whether that healed everything.

        What is wrong on the host must have been mended before.

        Raises:
            LawBroken: the run is red, breaks a law, or left what an earlier one had not finished.
            GateError: it cannot be found out.
        """
        for store in self._stores.values():
            store.heal()
        run = self._units[database].backup()
        self._ask(run, {Law.HEALS: lambda: self._heals(run), Law.WHOLE: lambda: self._finished(run)}, except_)
        self(run, except_=except_)
        return run

    # Each returns what breaks the law, "" if nothing does.

    def _restorable(self, run: BackupRun) -> str:
        if not run.succeeded:
            return ""
        for name in self._stores:
            if run.observed.after.objects[name] is None:
                raise CannotJudgeError(f"{name} is down")
            if not run.archives[name]:
                return f"{name} has no archive of {run.database} from this run"
        return _failure(self._judge(run, set(self._stores)))

    def _says(self, run: BackupRun, places: list[str], cause: str) -> str:
        if run.succeeded or run.result == "power-cut":
            return ""
        lines = run.journal.splitlines()
        for place in places:
            names = self._names(place)
            if not any(_named(line, names) and re.search(cause, line, re.IGNORECASE) for line in lines):
                told = f"no line of the journal names {place}" + (f" with its cause ({cause})" if cause else "")
                return f"{told}; its last line: {lines[-1] if lines else 'it is empty'}"
        if not places and not any(re.search(cause or "error|fail|cannot|refus", line, re.IGNORECASE) for line in lines):
            return f"no line of the journal has {f'the cause ({cause})' if cause else 'a cause'}"
        return ""

    def _keeps(self, run: BackupRun) -> str:
        for name, earlier in run.observed.before.objects.items():
            now = run.observed.after.objects[name]
            if earlier is None or now is None:
                continue  # down: the run after it is asked too
            digests = {found.key: digest for found, digest in now.items()}
            for found, digest in earlier.items():
                if found.key not in digests:
                    return f"{name} no longer has {found.key}, of an earlier run"
                if digests[found.key] != digest and not self._was_unfinished(run, found.key):
                    return f"{name} has other bytes in {found.key}, of an earlier run"
        if not run.succeeded and run.observed.before.dumps:
            lost = set(run.observed.before.dumps.values()) - set(run.observed.after.dumps.values())
            if lost == set(run.observed.before.dumps.values()):
                return f"the last good local dump is lost: {', '.join(run.observed.before.dumps)}"
        return ""

    def _serves(self, run: BackupRun, healthy: set[str]) -> str:
        if run.succeeded or run.result == "power-cut":
            return ""
        for name in sorted(healthy):
            if not self._whole_at(run, name):
                return f"{name} was well and has no archive of {run.database} from this run"
        return _failure(self._judge(run, healthy)) if healthy else ""

    def _whole(self, run: BackupRun, *, served: bool, judged: set[str]) -> str:
        if not served and (found := {name: archives for name, archives in run.archives.items() if archives}):
            name, archives = next(iter(found.items()))
            return f"{name} has {archives[0].key}, though there was nothing to archive"
        stayed = run.observed.after.files - run.observed.before.files - set(self._site.archives[run.database].stays)
        if stayed and run.result not in _BY_FORCE:
            return f"the run left files on the host: {', '.join(sorted(stayed))}"
        if run.succeeded:
            return self._open_uploads(run)
        suspect = {name for name in self._stores if self._whole_at(run, name)} - judged
        return _failure(self._judge(run, suspect)) if suspect else ""

    def _secrecy(self, run: BackupRun) -> str:
        for name, requests in run.requests.items():
            for request in requests:
                if request.forbidden:
                    return f"{request.method} {request.path} to {name} holds {', '.join(request.forbidden)}"
                if request.gzip:
                    return f"{request.method} {request.path} to {name} is a gzip, not a ciphertext"
        return (
            f"the journal of {run.unit} holds {', '.join(sorted(run.observed.leaked))}" if run.observed.leaked else ""
        )

    def _bounded(self, run: BackupRun) -> str:
        limit = self._site.time_limit
        if run.seconds > limit:
            return f"{run.unit} took {run.seconds:.0f} s, more than its {limit} s"
        if run.result == "timeout":
            raise CannotJudgeError(f"{run.unit} was stopped after {run.seconds:.0f} s; it may take {limit} s")
        return ""

    def _heals(self, run: BackupRun) -> str:
        if run.succeeded:
            return ""
        return f"{run.unit} is red again, with no fault any more; its last line: {run.journal.splitlines()[-1]}"

    def _finished(self, run: BackupRun) -> str:
        for name in self._stores:
            for archive in self._units[run.database].archives_at(name):
                if archive.missing:
                    return f"{name} still has {archive.key} without {', '.join(archive.missing)}"
        runs = [each for each in self._findings.runs if each.database == run.database]
        first = runs[0] if runs else run
        stayed = run.observed.after.files - first.observed.before.files - set(self._site.archives[run.database].stays)
        return f"files of earlier runs are still on the host: {', '.join(sorted(stayed))}" if stayed else ""

    # Own

    def _ask(self, run: BackupRun, checks: Mapping[Law, Callable[[], str]], except_: Collection[Law]) -> None:
        found = list(self._judgements(run, checks, except_))
        self._findings.laws += found
        broken = [str(each) for each in found if each.holds is False]
        if broken:
            raise LawBroken("\n".join([*broken, "", run.journal]))

    def _judgements(
        self, run: BackupRun, checks: Mapping[Law, Callable[[], str]], except_: Collection[Law]
    ) -> Iterator[Judgement]:
        for law, check in checks.items():
            if law in except_ or law.value in self._site.exempt:
                continue
            try:
                broken = check()
            except CannotJudgeError as reason:
                yield Judgement(law.value, run.unit, None, str(reason))
            else:
                yield Judgement(law.value, run.unit, not broken, broken or f"{run.unit} ended in {run.result}")

    def _healthy(self, run: BackupRun, where: str) -> set[str]:
        reachable = {name for name, objects in run.observed.after.objects.items() if objects is not None}
        return reachable - run.observed.troubled - {where}

    def _whole_at(self, run: BackupRun, store: str) -> bool:
        """Whether the store has something of this run that is listed as a finished archive."""
        return any(not archive.missing for archive in run.archives[store])

    def _was_unfinished(self, run: BackupRun, key: str) -> bool:
        """Whether it is no archive but half of one, which a later run may finish."""
        suffixes = self._site.archives[run.database].companions
        keys = {found.key for objects in run.observed.before.objects.values() for found in objects or ()}
        return bool(suffixes) and not all(key + suffix in keys for suffix in suffixes) and not key.endswith(suffixes)

    def _names(self, place: str) -> list[str]:
        """Return the regular expressions by which a place can be named."""
        store = self._stores.get(place)
        return [re.escape(name) for name in (place, store.hostname, store.bucket)] if store else [place]

    def _open_uploads(self, run: BackupRun) -> str:
        for name, store in self._stores.items():
            try:
                uploads = store.uploads()
            except StoreDied:
                raise
            except StoreError:
                continue
            if uploads:
                return f"{name} has parts of {uploads[0]}, of an upload that {run.unit} did not end"
        return ""


def _named(line: str, names: list[str]) -> bool:
    return any(re.search(name, line, re.IGNORECASE) for name in names)


def _failure(verdict: Verdict) -> str:
    return "" if verdict.ok else str(verdict)
