"""The backup unit of one database: its runs, and its archives in the stores."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from harness.archive.decryption import decrypt
from harness.archive.format import Format
from harness.archive.program import decryption_by
from harness.database.psql import Psql
from harness.errors import GateError
from harness.host.deadline import Deadline
from harness.machine.errors import CommandDeadline, MachineError
from harness.store.errors import NotMet
from harness.store.rclone_config import DIRECTORY
from harness.trial.backup_run import POWER_CUT, STOPPED, STOPPED_EARLY, BackupRun, last_line
from harness.trial.companions import paired
from harness.trial.errors import NotJudged, NotSeen
from harness.trial.observation import Observation
from harness.trial.places import Places
from harness.trial.repository import Repository, RetrievedArchive
from harness.trial.snapshot import Snapshot
from harness.trial.stored_archive import StoredArchive

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from harness.database.sources import Sources
    from harness.machine.machine import Machine
    from harness.site.secrets import SiteSecrets
    from harness.site.site import Site
    from harness.store.store import Store, StoredObject
    from harness.trial.findings import Findings
    from harness.trial.leaks import Leaks

_STOPPED = "pg-archive-gate stopped it after {:g} s; a slow one may have more: --gate-timeout SECONDS\n"
_NEXT = "/run/pg-archive-gate-next"  # leads to the Nix store
_OVERRIDING = "/run/systemd/system.control"  # before /etc/systemd/system: systemd.unit(5)
_LOOK = 1.0  # seconds; to ask systemd costs an emulated machine a fifth of one, which the run lacks
_UNSETTLED = {"activating", "deactivating", "reloading"}
_SOON = r"0|[\d.]+[mu]s|[0-4](\.\d+)?s"  # as systemd writes it: the next attempt may begin before it can be stopped


class RunMissingError(GateError):
    """A unit did not run by itself in time."""


class Unit:
    """``name`` is systemd's, ``postgresqlBackup-db1.service``."""

    def __init__(
        self,
        database: str,
        *,
        machine: Machine,
        site: Site,
        stores: Mapping[str, Store],
        secrets: SiteSecrets,
        sources: Sources,
        findings: Findings,
        leaks: Leaks,
        limit: float = Psql.limit,
    ) -> None:
        self.database = database
        self.name = site.archives[database].unit
        self._machine = machine
        self._site = site
        self._stores = stores
        self._secrets = secrets
        self._sources = sources
        self._findings = findings
        self._leaks = leaks
        self._limit = limit
        self._repositories: dict[str, Repository] = {}
        if program := site.archives[database].retrieve:
            for name, store in stores.items():
                self._repositories[name] = Repository(
                    store, program, self.key, machine=machine, note=findings.note, limit=limit
                )

    # Runs

    def backup(self, *, timeout: float | None = None, during: Callable[[], object] | None = None) -> BackupRun:
        """Start it, as an operator does, do what happens ``during`` its run, and wait for its end, good or bad.

        One that has not ended ``timeout`` seconds later (None: the run's limit) is stopped. So is one that waits for
        systemd to start it again: that attempt was the run. If the next one comes at once, the last attempt is.

        Raises:
            MachineError: it cannot be known how it ended, or the guest is not to blame for its not ending.
            NotJudged: it has not come to the fault that is waited for ``during`` it, and may still do so.
        """
        limit = timeout or self._limit
        source = self._sources.of(self.database)
        before = self._snapshot()
        for repository in self._repositories.values():
            repository.new()  # is of earlier runs
        asked = {name: len(store.requests()) for name, store in self._stores.items()}
        planned = {name: len(store.plans) for name, store in self._stores.items()}
        boot = self._machine.boot_id
        at = datetime.now(UTC)
        interfered = during is not None or self._findings.killing
        earlier, beside = list(self._findings.runs), tuple(self._findings.running)
        with self._findings.run_of(self.database, self.name, before):
            ended, state = self._run_to_its_end(limit, during)
        others = {database for database, _ in beside}
        others |= {run.database for run in self._findings.runs[len(earlier) :]}  # others' that ran meanwhile
        # Nor is it what one unit archives of another database, where it archives several.
        others |= {name for name, archive in self._site.archives.items() if archive.unit == self.name}
        others.discard(self.database)  # which an operator may have started once more
        stopped = STOPPED if limit >= self._site.time_limit else STOPPED_EARLY
        survived = self._machine.boot_id == boot
        after = self._snapshot()
        journal = self._journal(state["InvocationID"]) if survived else ""  # it is lost with the machine's memory
        run = BackupRun(
            database=self.database,
            unit=self.name,
            result=(state["Result"] if ended else stopped) if survived else POWER_CUT,
            seconds=_seconds(state),
            journal=self._leaks.redact(journal) + ("" if ended else _STOPPED.format(limit)),
            archives={
                name: self._new(name, [before, *(run.observed.after for run in earlier)], after, others)
                for name in self._stores
            },
            requests={name: store.requests()[asked[name] :] for name, store in self._stores.items()},
            observed=Observation(
                at=at,
                boot=boot,
                source=source,
                beside=tuple(begun for _, begun in beside),
                before=before,
                after=after,
                troubled=frozenset(
                    name
                    for name, store in self._stores.items()
                    if any(faults for _, faults in store.plans[max(0, planned[name] - 1) :])
                ),
                leaked=frozenset(self._leaks.in_texts(journal)),
                interfered=interfered,
            ),
        )
        self._findings.runs.append(run)
        return run

    def started(self) -> datetime | None:
        """When it was last started, by the machine's clock, UTC, to the second; None: not in this machine."""
        state = self._state()
        if not _was_started(state):
            return None
        return datetime.fromtimestamp(int(state["InactiveExitTimestamp"].removeprefix("@")), UTC)

    def wait_for_run(self, *, timeout: float | None = None) -> str:
        """Wait until it has run by itself, for at most ``timeout`` seconds (None: a run's limit).

        Return how it failed, with its last line in the journal; "" if it succeeded.

        Raises:
            RunMissingError: it has not started, or not ended, by then.
            NotJudged: it runs still at a run's limit.
        """
        deadline = Deadline(timeout or self._limit)
        with self._findings.timed(f"waiting for {self.name} to run", self.name):
            while not deadline.passed:
                if _has_ended(state := self._state()):
                    if (result := state["Result"]) == "success":
                        return ""
                    journal = self._leaks.redact(self._journal(state["InvocationID"]))
                    return f"{self.name} ended in {result}; its last line: {last_line(journal).strip()}"
                time.sleep(_LOOK)
        late = f"within {deadline.seconds:g} s; a slow one may have more: --gate-timeout SECONDS"
        if timeout is None and deadline.seconds < self._site.time_limit and _is_unsettled(state):
            raise NotJudged(f"{self.name} did not end {late}")
        raise RunMissingError(f"{self.name} did not run by itself {late}: {state}")

    def switch(self) -> None:
        """Give it the same commands at other paths, and let systemd read that, as a switch to new scripts does.

        Unlike a switch, it does not restart a unit that runs.
        """
        show = ["systemctl", "show", "--property=FragmentPath", "--value", self.name]
        file = self._machine.check(["cat", self._machine.check(show).text.strip()]).text
        moved = re.sub(r"^Exec.*$", lambda line: line[0].replace("/nix/store/", f"{_NEXT}/"), file, flags=re.MULTILINE)
        self._machine.check(["ln", "--symbolic", "--force", "--no-dereference", "/nix/store", _NEXT])
        self._machine.check(["mkdir", "--parents", _OVERRIDING])
        self._machine.check(["dd", f"of={_OVERRIDING}/{self.name}", "status=none"], stdin=moved.encode())
        self._machine.check(["systemctl", "daemon-reload"])
        self._findings.note(f"{self.name} has new scripts")

    def wait_for_dump(self) -> None:
        """Wait until its dump is complete, in a run that has begun to dump: the one before is out of the way.

        Raises:
            NotSeen: it is not within a run's limit.
        """
        dumps = self._site.archives[self.database].dumps
        deadline = Deadline(self._limit)
        while dumps and self._machine.run(["test", "-e", dumps[0]]).status:
            if deadline.passed:
                raise NotSeen(f"no {dumps[0]} within {deadline.seconds:g} s")
            time.sleep(0.1)

    # Archives

    @property
    def key(self) -> str:
        """What opens its archives: a passphrase, or what the contract asks for."""
        return self._secrets.key(self._site, self.database)

    @property
    def form(self) -> Format:
        """How its archives are made."""
        if self._repositories:
            return Format(openpgp=False, retrieved=True, limit=self._limit, named=False)
        named, place = "names" not in self._site.exempt, self._place(self.database)
        program = self._site.archives[self.database].decrypt
        if program is None:
            return Format(partial(decrypt, limit=self._limit), limit=self._limit, named=named, place=place)
        by_program = decryption_by(self._machine, program, limit=self._limit)
        return Format(by_program, openpgp=False, limit=self._limit, named=named, place=place)

    def archives_at(self, store: str) -> Sequence[StoredArchive | RetrievedArchive]:
        """Return all of its archives in the store, from any run, ordered by key; of a repository, all dumps.

        Raises:
            StoreError: the store cannot be reached.
        """
        if repository := self._repositories.get(store):
            return [RetrievedArchive(store, name, (), repository) for name in repository.names()]
        return self._among(self._stores[store].objects(self._place(self.database)), self._stores[store])

    # Own

    def _run_to_its_end(self, limit: float, during: Callable[[], object] | None) -> tuple[bool, dict[str, str]]:
        """Start it; return whether it ended by itself, or with the machine, in time, or is stopped; and its state."""
        boot = self._machine.boot_id
        running = self._machine.start(["systemctl", "start", self.name])
        begun = time.monotonic()
        if during is not None:
            try:
                during()
            except NotMet as error:  # which asks the store alone
                if excuse := self._machine.channel.vitals.excuse():
                    raise MachineError(f"{error}{excuse}") from None
                if time.monotonic() - begun < self._site.time_limit and _is_unsettled(self._state()):
                    raise NotJudged(f"{error}, and {self.name} still runs: is the host too busy?") from None
                raise
        if self._machine.boot_id != boot:
            return True, self._state()
        deadline = Deadline(limit)  # from here: what is done meanwhile may have held the run for as long
        try:
            running.finish(deadline)
        except CommandDeadline:
            if self._machine.channel.vitals.excuse():
                raise
            self._machine.run(["systemctl", "kill", "--signal=KILL", self.name])
            self._machine.run(["systemctl", "stop", self.name])
            return False, self._state()
        while _is_unsettled(state := self._state()):  # as with Restart=, which starts it again, or Type=simple
            if _waits(state) and not re.fullmatch(_SOON, pause := state["RestartUSec"]):
                self._machine.run(["systemctl", "stop", self.name])  # or it is in the middle of what comes next
                again = f"{self.name} has ended, and systemd would start it again in {pause}"
                self._findings.note(f"{again}: stopped, this attempt counts")
                break
            if deadline.passed:
                if excuse := self._machine.channel.vitals.excuse():
                    raise MachineError(f"{self.name} did not end within {deadline.seconds:g} s{excuse}")
                self._machine.run(["systemctl", "stop", self.name])
                return False, self._state()
            time.sleep(0.5)
        return True, state

    def _snapshot(self) -> Snapshot:
        archive = self._site.archives[self.database]
        places = Places(self._machine, (archive.location,), caches=not self._repositories)
        psql = Psql(self._machine, user=self._site.super_user, limit=self._limit)
        return Snapshot.take(self._machine, self._stores, places=places, stays=archive.stays, psql=psql)

    def _new(
        self, store: str, seen: Iterable[Snapshot], after: Snapshot, others: Collection[str]
    ) -> Sequence[StoredArchive | RetrievedArchive]:
        """Return what is new in the store, at any key: an archive may be in the wrong place.

        What any store had before, and was ``seen``, is of an earlier run, and at most came late to this one; so is
        what had stayed on the host, as in a spool. What lies in the place of one of the ``others``, the databases that
        had a run at the same time, is that one's.
        """
        seen = list(seen)
        known = {found.key for each in seen for objects in each.objects.values() for found in objects or ()}
        if repository := self._repositories.get(store):
            new = tuple(found for found in after.objects[store] or () if found.key not in known)
            # What adds nothing to the store has put no archive there.
            return [RetrievedArchive(store, name, new, repository) for name in (repository.new() if new else ())]
        dumps = self._site.archives[self.database].dumps
        waited = {digest for each in seen for path, digest in each.stayed.items() if path not in dumps}
        digests = after.objects[store] or {}
        return [
            found
            for found in self._among(list(digests), self._stores[store])
            if found.key not in known
            and digests[found.object] not in waited
            and not self._is_anothers(found.key, others)
        ]

    def _is_anothers(self, key: str, others: Collection[str]) -> bool:
        """Whether an object lies in the place of one of the others; where places lie in one another, in the inner."""
        own = self._place(self.database)
        outer = len(own) if key.startswith(own) else 0
        return any(key.startswith(place) and len(place) > outer for place in map(self._place, others))

    def _place(self, database: str) -> str:
        """Return what the keys of its archives begin with."""
        return f"{DIRECTORY}/{self._site.archives[database].prefix}"

    def _among(self, objects: list[StoredObject], store: Store) -> list[StoredArchive]:
        suffixes = self._site.archives[self.database].companions
        found = []
        for archive, companions in paired(objects, suffixes).items():
            present = {companion.key for companion in companions}
            missing = tuple(key for suffix in suffixes if (key := archive.key + suffix) not in present)
            found.append(StoredArchive(store.name, archive, tuple(companions), missing, self.form, store.download))
        return found

    def _journal(self, invocation: str) -> str:
        """Return the journal of the unit, and of systemd about it, in one invocation."""
        fields = [f"_SYSTEMD_INVOCATION_ID={invocation}", "+", f"INVOCATION_ID={invocation}"]
        return self._machine.check(["journalctl", "--no-pager", "--output=short-monotonic", *fields]).text

    def _state(self) -> dict[str, str]:
        shown = self._machine.check(["systemctl", "show", "--timestamp=unix", self.name]).text
        return dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)


def _was_started(state: Mapping[str, str]) -> bool:
    return state["InactiveExitTimestampMonotonic"] != "0"


def _has_ended(state: Mapping[str, str]) -> bool:
    return _was_started(state) and state["ActiveState"] in {"inactive", "failed"}


def _is_unsettled(state: Mapping[str, str]) -> bool:
    runs = state["ActiveState"] == "active" and state.get("SubState") != "exited"  # started, as some types count it
    return runs or state["ActiveState"] in _UNSETTLED


def _waits(state: Mapping[str, str]) -> bool:
    """Whether an attempt has ended and systemd waits, as RestartSec= says, to make another."""
    return state.get("SubState") == "auto-restart"


def _seconds(state: Mapping[str, str]) -> float:
    """Return how long the unit's last run took, all of its commands: ExecMain… is about the last of several."""
    begun, ended = state["InactiveExitTimestampMonotonic"], state["InactiveEnterTimestampMonotonic"]
    if _waits(state):  # it was inactive after the attempt, for a moment: org.freedesktop.systemd1(5) has the others
        begun, ended = state["ConditionTimestampMonotonic"], state["StateChangeTimestampMonotonic"]
    return max(0.0, (int(ended) - int(begun)) / 1e6)
