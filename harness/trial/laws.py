"""The laws as checks that can be asked of any run, with a sentence in the operator's words for each that it breaks.

They know nothing of a module but its contract (nixos-tests/contract.nix).
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from itertools import takewhile
from typing import TYPE_CHECKING

from harness.store.rclone_config import DIRECTORY
from harness.trial.backup_run import POWER_CUT, STOPPED, STOPPED_EARLY, last_line, own_lines
from harness.trial.errors import NotJudged
from harness.trial.law import Judgement, Law, LawBroken
from harness.trial.repository import RetrievedArchive
from harness.trial.stored_archive import StoredArchive

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from harness.archive.dump import Dump
    from harness.archive.verdict import Verdict
    from harness.site.site import Site
    from harness.store.store import Store, StoredObject
    from harness.trial.backup_run import BackupRun
    from harness.trial.findings import Findings
    from harness.trial.unit import Unit

# How a run is ended from outside: it may have had no chance to speak, and what it left is the next one's to remove.
_BY_FORCE = {"oom-kill", "watchdog", "timeout", STOPPED, STOPPED_EARLY, POWER_CUT}
# As well, but only where somebody did something to it: a program can also end itself so.
_BY_SIGNAL = {"signal", "core-dump"}


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
        look: Callable[[str], Dump],
    ) -> None:
        self._site = site
        self._stores = stores
        self._units = units
        self._findings = findings
        self._judge = judge
        self._look = look

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
        serves = self._asked(Law.SERVES, except_) and not self._by_force(run)
        checks: dict[Law, Callable[[], str | None]] = {
            Law.RESTORABLE: lambda: self._restorable(run),
            Law.SAYS: lambda: self._says(run, expected, cause),
            Law.KEEPS: lambda: self._keeps(run),
            Law.SERVES: lambda: self._serves(run, healthy),
            Law.WHOLE: lambda: self._whole(run, served=served, judged=healthy if serves else set()),
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

    @contextmanager
    def about(self, law: Law) -> Iterator[None]:
        """Let what the body asserts be about a law, of the last run if there was one.

        Raises:
            LawBroken: an assertion fails, and the site promises the law.
        """
        if not self._asked(law, ()):
            yield
            return
        runs = self._findings.runs
        unit, number = (runs[-1].unit, len(runs)) if runs else ("", 0)
        try:
            yield
        except AssertionError as error:
            said = next(iter(str(error).splitlines()), "an assertion of the scenario fails")
            broken = Judgement(law.value, unit, holds=False, said=said, run=number)
            self._findings.laws.append(broken)
            raise LawBroken(f"{broken}\n\n{error}") from None
        self._findings.laws.append(Judgement(law.value, unit, holds=True, said="as the scenario asks", run=number))

    def _by_force(self, run: BackupRun) -> bool:
        return run.result in _BY_FORCE or (run.observed.interfered and run.result in _BY_SIGNAL)

    # Each returns what breaks the law, "" if nothing does, and None if it says nothing about such a run.

    def _restorable(self, run: BackupRun) -> str | None:
        if not run.succeeded:
            return None
        down = [name for name in self._stores if run.observed.after.objects[name] is None]
        reachable = [name for name in self._stores if name not in down]
        for name in reachable:
            if not run.archives[name]:
                return f"{name} has no archive of {run.database} from this run"
        for name in down:
            if run.observed.before.objects[name] is None:
                return f"{name} could not be reached from before the run until after it, so it has no archive of it"
        broken = _failure(self._judge(run, set(reachable))) if reachable else ""
        if down and not broken:
            raise CannotJudgeError(f"{', '.join(down)} cannot be reached")
        return broken

    def _says(self, run: BackupRun, places: list[str], cause: str) -> str | None:
        if run.succeeded:
            return None
        if self._by_force(run):
            # systemd's own time limit left time to name a store that hangs, though no error came of it.
            places, cause = [place for place in places if run.result == "timeout" and place in self._stores], ""
            if not places:
                return None
        lines = own_lines(run.journal)
        for place in places:
            names = self._names(place)
            if not any(_named(line, names) and re.search(cause, line, re.IGNORECASE) for line in lines):
                told = f"no line of the unit's in the journal names {place}"
                told += f" with its cause ({cause})" if cause else ""
                return f"{told}; its last line: {last_line(run.journal)}"
        if not places and not any(re.search(cause or "error|fail|cannot|refus", line, re.IGNORECASE) for line in lines):
            return f"no line of the unit's in the journal has {f'the cause ({cause})' if cause else 'a cause'}"
        return ""

    def _keeps(self, run: BackupRun) -> str:
        for name in self._stores:
            now = run.observed.after.objects[name]
            seen = self._last_seen(name, run)
            earlier = self._earlier(seen, name, run)
            if earlier is None or now is None:
                continue  # the run after it is compared with what was seen last
            digests = {found.key: digest for found, digest in now.items()}
            keys = {found.key for found in seen or ()}
            for found, digest in earlier.items():
                if found.key.startswith(self._repositories):
                    continue  # a repository may put its objects in order: its dumps are asked for below
                if digests.get(found.key) == digest or self._unfinished(found.key, keys, run.database):
                    continue
                how = "has other bytes in" if found.key in digests else "no longer has"
                return f"{name} {how} {found.key}, of an earlier run"
            for archive in self._retrieved_before(run, name):
                if how := archive.lost():
                    return f"{name} {how}, of an earlier run"
        before = run.observed.before.stayed
        last = next((path for path in self._site.archives[run.database].dumps if path in before), None)
        if last and not run.succeeded and before[last] not in run.observed.after.stayed.values():
            dump = self._look(last)  # a newer one may have its place
            if dump.fault or not dump.complete:
                return f"the last good local dump, {last}, is lost"
        if all(run.observed.after.objects[name] is None for name in self._stores):
            raise CannotJudgeError("no store can be reached")
        return ""

    def _serves(self, run: BackupRun, healthy: set[str]) -> str | None:
        if run.succeeded or not healthy:
            return None
        for name in sorted(healthy):
            if not self._whole_at(run, name):
                return f"{name} was well and has no archive of {run.database} from this run"
        return _failure(self._judge(run, healthy))

    def _whole(self, run: BackupRun, *, served: bool, judged: set[str]) -> str:
        for name, archives in run.archives.items():
            if archives and not served and not run.succeeded:
                return f"{name} has {archives[0].key}, though nothing could be archived"
        stayed = self._stayed(run, run)
        if stayed and not self._by_force(run):
            return f"the run left files on the host: {', '.join(sorted(stayed))}"
        if (made := self._made(run, run)) and not self._by_force(run):
            return f"the run left a database in PostgreSQL: {', '.join(sorted(made))}"
        if run.succeeded:
            return self._open_uploads()
        suspect = {name for name in self._stores if self._whole_at(run, name)} - judged
        return _failure(self._judge(run, suspect)) if suspect else ""

    def _secrecy(self, run: BackupRun) -> str:
        for name, requests in run.requests.items():
            for request in requests:
                if request.forbidden:
                    return f"{request.method} {request.path} to {name} holds {', '.join(request.forbidden)}"
                if request.plaintext:
                    plain = f"it begins like {request.plaintext}"
                    return f"{request.method} {request.path} to {name} is not encrypted: {plain}"
                if not request.tls:
                    return f"{request.method} {request.path} to {name} came over plain HTTP"
                if request.certificate and (request.key or request.size):
                    unproved = f"a server whose certificate must be refused: {request.certificate}"
                    return f"{request.method} {request.path} to {name} went to {unproved}"
        return (
            f"the journal of {run.unit} holds {', '.join(sorted(run.observed.leaked))}" if run.observed.leaked else ""
        )

    def _bounded(self, run: BackupRun) -> str | None:
        if run.result == POWER_CUT:
            return None
        limit = self._site.time_limit
        if run.seconds > limit:
            return f"{run.unit} took {run.seconds:.0f} s, more than its {limit} s (gate.timeLimit)"
        if run.result == STOPPED:  # its last attempt may have been short
            return f"{run.unit} had not ended after its {limit} s (gate.timeLimit)"
        if run.result == STOPPED_EARLY:
            stopped = f"the gate stopped {run.unit} after {run.seconds:.0f} s"
            raise NotJudged(
                f"{stopped}, but it may take {limit} s (gate.timeLimit); --gate-timeout {limit + 60} lets it"
            )
        return ""

    def _heals(self, run: BackupRun) -> str:
        if run.succeeded:
            return ""
        return f"{run.unit} is red again, with no fault any more; its last line: {last_line(run.journal)}"

    def _finished(self, run: BackupRun) -> str:
        for name in self._stores if self._site.archives[run.database].companions else ():
            for archive in self._units[run.database].archives_at(name):
                if archive.missing:
                    return f"{name} still has {archive.key} without {', '.join(archive.missing)}"
        runs = [each for each in self._findings.runs if each.database == run.database]
        first = runs[0] if runs else run
        stayed = self._stayed(run, first)
        if stayed:
            return f"files of earlier runs are still on the host: {', '.join(sorted(stayed))}"
        made = self._made(run, first)
        return f"a database of an earlier run is still in PostgreSQL: {', '.join(sorted(made))}" if made else ""

    # Own

    def _ask(self, run: BackupRun, checks: Mapping[Law, Callable[[], str | None]], except_: Collection[Law]) -> None:
        unfair: list[NotJudged] = []
        found = list(self._judgements(run, checks, except_, unfair))
        self._findings.laws += found
        broken = [str(each) for each in found if each.holds is False]
        if broken:
            raise LawBroken("\n".join([*broken, "", run.journal]))
        if unfair:
            raise unfair[0]

    def _judgements(
        self,
        run: BackupRun,
        checks: Mapping[Law, Callable[[], str | None]],
        except_: Collection[Law],
        unfair: list[NotJudged],
    ) -> Iterator[Judgement]:
        number = next((number for number, each in enumerate(self._findings.runs, start=1) if each is run), 0)
        for law, check in checks.items():
            if not self._asked(law, except_):
                continue
            try:
                broken = check()
            except CannotJudgeError as reason:
                yield Judgement(law.value, run.unit, None, str(reason), number)
            except NotJudged as error:
                unfair.append(error)
            else:
                if broken is not None:
                    said = broken or f"{run.unit} ended in {run.result}"
                    yield Judgement(law.value, run.unit, not broken, said, number)

    def _healthy(self, run: BackupRun, where: str) -> set[str]:
        reachable = {name for name, objects in run.observed.after.objects.items() if objects is not None}
        return reachable - run.observed.troubled - {where}

    def _whole_at(self, run: BackupRun, store: str) -> bool:
        """Whether the store has something of this run that is listed as a finished archive."""
        return any(not archive.missing for archive in run.archives[store])

    def _asked(self, law: Law, except_: Collection[Law]) -> bool:
        return law not in except_ and law.value not in self._site.exempt

    def _earlier(
        self, seen: Mapping[StoredObject, str] | None, store: str, run: BackupRun
    ) -> Mapping[StoredObject, str] | None:
        """Return what of ``seen`` is of earlier runs; None if that is not known.

        What a run that is still under way has put there is its own until it ends: it may give it another name.
        """
        begun = [before.objects for before in run.observed.beside if before.objects[store] is not None]
        if seen is None or not begun:
            return seen
        ended = takewhile(lambda each: each is not run, self._findings.runs)
        archives = [archive for each in ended for archive in each.archives[store] if isinstance(archive, StoredArchive)]
        there = [{found.key for objects in stores.values() for found in objects or ()} for stores in begun]
        left = set.intersection(*there).union(found.key for archive in archives for found in archive.objects)
        return {found: digest for found, digest in seen.items() if found.key in left}

    def _last_seen(self, store: str, run: BackupRun) -> Mapping[StoredObject, str] | None:
        """Return what the store had before the run; if it could not be reached after the last one, what it had then."""
        seen = [each.observed.after.objects[store] for each in self._findings.runs if each is not run]
        unseen = bool(seen) and seen[-1] is None
        last = next((found for found in reversed(seen) if found is not None), None)
        return last if unseen and last is not None else run.observed.before.objects[store]

    def _unfinished(self, key: str, keys: set[str], database: str) -> bool:
        """Whether it is no archive but half of one, which a later run may finish or remove."""
        suffixes = self._site.archives[database].companions
        return bool(suffixes) and not key.endswith(suffixes) and not all(key + suffix in keys for suffix in suffixes)

    @property
    def _repositories(self) -> tuple[str, ...]:
        """The prefixes of keys below which repositories lie."""
        archives = self._site.archives.values()
        return tuple(f"{DIRECTORY}/{archive.prefix}" for archive in archives if archive.retrieve)

    def _retrieved_before(self, run: BackupRun, store: str) -> Iterator[RetrievedArchive]:
        """Yield what earlier runs, of any database, have put into repositories there."""
        for earlier in takewhile(lambda each: each is not run, self._findings.runs):
            for archive in earlier.archives[store]:
                if isinstance(archive, RetrievedArchive):
                    yield archive

    def _stayed(self, run: BackupRun, first: BackupRun) -> set[str]:
        """Return the files since ``first`` that may not stay: of no database, as another's may run at the same time."""
        stays = {path for archive in self._site.archives.values() for path in archive.stays}
        directories = tuple(path for path in stays if path.endswith("/"))
        new = run.observed.after.files - first.observed.before.files - stays
        return {path for path in new if not path.startswith(directories)}

    def _made(self, run: BackupRun, first: BackupRun) -> set[str]:
        """Return the databases since ``first`` that are not the site's."""
        before, after = first.observed.before.databases, run.observed.after.databases
        return set() if before is None or after is None else set(after - before).difference(self._site.databases)

    def _names(self, place: str) -> list[str]:
        """Return the regular expressions by which a place can be named."""
        store = self._stores.get(place)
        return [re.escape(name) for name in (place, store.hostname, store.bucket)] if store else [place]

    def _open_uploads(self) -> str:
        for name, store in self._stores.items():
            uploads = store.uploads() if store.reachable else []
            if uploads:
                return f"{name} has parts of {uploads[0]}, of an upload that was neither completed nor aborted"
        return ""


def _named(line: str, names: list[str]) -> bool:
    return any(re.search(name, line, re.IGNORECASE) for name in names)


def _failure(verdict: Verdict) -> str:
    return "" if verdict.ok else str(verdict)
