"""One fresh machine with both stores up, and what a scenario does with them."""

from __future__ import annotations

import shlex
import time
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from harness.archive import oracle
from harness.archive.errors import NotDecrypted, WrongPassphrase
from harness.archive.format import Format
from harness.archive.packets import Packets, inspect
from harness.archive.program import decryption_by
from harness.database.psql import Psql
from harness.errors import GateError
from harness.guest.placement import place_secrets
from harness.host.deadline import Deadline
from harness.store.errors import StoreDied, StoreError
from harness.store.forbidden import Forbidden
from harness.trial.backup_run import BackupRun
from harness.trial.clock import WorldClock
from harness.trial.executions import ExecutionWatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.database.sources import Sources
    from harness.machine.console import Console
    from harness.machine.machine import Machine
    from harness.site.secrets import SiteSecrets
    from harness.site.site import Site
    from harness.store.store import Store, StoredObject

_RUN_LIMIT = 300.0  # seconds for one backup unit; a few under emulation, 20 minutes if a store throttles it for ever
_STARTED = 300.0  # seconds from the command channel's first answer until all units have started


class RunMissingError(GateError):
    """A unit that was to run by itself did not."""


class Trial:
    """A machine nobody touched, thawed or booted for one scenario, and the stores it can reach."""

    def __init__(
        self,
        machine: Machine,
        *,
        site: Site,
        stores: Mapping[str, Store],
        secrets: SiteSecrets,
        sources: Sources,
    ) -> None:
        self.machine = machine
        self.site = site
        self.stores = stores
        self.runs: list[BackupRun] = []
        self.verdicts: list[oracle.Verdict] = []
        self.clock = WorldClock(machine, stores.values())
        self._secrets = secrets
        self.sources = sources
        self.directories: dict[str, str] = {}

    # Backups

    def backup(self, database: str, *, timeout: float = _RUN_LIMIT) -> BackupRun:
        """Start the database's backup unit, as an operator does, and wait for its end, good or bad.

        Raises:
            CommandDeadline: it has not ended after ``timeout`` seconds.
            MachineError: it cannot be known how it ended.
        """
        source = self.sources.of(database)
        before = {name: self._keys(store) for name, store in self.stores.items()}
        asked = {name: len(store.requests()) for name, store in self.stores.items()}
        self.machine.run(["systemctl", "start", self.site.archives[database].unit], timeout=timeout)
        state = self._state(database)
        run = BackupRun(
            database=database,
            source=source,
            unit=self.site.archives[database].unit,
            result=state["Result"],
            seconds=_seconds(state),
            journal=self.journal(state["InvocationID"]),
            objects={
                name: [item for item in self._objects(store) if item.key not in before[name]]
                for name, store in self.stores.items()
            },
            requests={name: store.requests()[asked[name] :] for name, store in self.stores.items()},
        )
        self.runs.append(run)
        return run

    def judge(self, run: BackupRun) -> oracle.Verdict:
        """Take the run's archive out of each store, decrypt, restore and compare, stage by stage."""
        verdict = oracle.judge(
            Psql(self.machine, user=self.site.super_user),
            database=run.database,
            source=run.source,
            dump=self.site.archives[run.database].dump,
            passphrase=self.passphrases[run.database],
            deliveries=[
                oracle.Delivery(name, [item.key for item in run.objects[name]], store.fetch, run.requests[name])
                for name, store in self.stores.items()
            ],
            form=self._format(run.database),
        )
        self.verdicts.append(verdict)
        return verdict

    def has_run(self, database: str) -> bool:
        """Whether the database's unit has been started since the machine was made."""
        return self._state(database)["ExecMainStartTimestampMonotonic"] != "0"

    def started(self, database: str) -> datetime:
        """When the database's unit was last started, by the machine's clock, UTC, to the second."""
        return datetime.fromtimestamp(int(self._state(database)["ExecMainStartTimestamp"].removeprefix("@")), UTC)

    def wait_for_run(self, database: str, timeout: float = 180.0) -> None:
        """Wait until the database's unit has run by itself.

        Raises:
            RunMissingError: it has not started, or not ended, within ``timeout`` seconds.
        """
        deadline = Deadline(timeout)
        while not deadline.passed:
            state = self._state(database)
            if state["ExecMainStartTimestampMonotonic"] != "0" and state["ActiveState"] in {"inactive", "failed"}:
                return
            time.sleep(0.2)
        message = f"{self.site.archives[database].unit} did not run by itself within {timeout:g} s: {state}"
        raise RunMissingError(message)

    def power_cycle(self) -> None:
        """Cut the power, switch on again, and return when the machine is as a fresh trial's: up, its timers stopped.

        What PostgreSQL loses by it (rows of unlogged tables) is lost rightly: runs from now on have another source.

        Raises:
            MachineError: it does not come up again.
        """
        self.machine.power_cut()
        self.machine.boot()
        stop_timers(self.machine, self.site)
        self.machine.wait_for_unit("multi-user.target", timeout=_STARTED)

    def start_timers(self) -> None:
        """Start the units' timers. They are stopped in a fresh trial, so that none fires into a scenario."""
        self.machine.check(["systemctl", "start", *(archive.timer for archive in self.site.archives.values())])

    # What is looked at

    def journal(self, invocation: str) -> str:
        """Return what a unit said in one invocation, and systemd about it, secrets redacted."""
        fields = [f"_SYSTEMD_INVOCATION_ID={invocation}", "+", f"INVOCATION_ID={invocation}"]
        return self.redact(self.machine.check(["journalctl", "--no-pager", "--output=short-monotonic", *fields]).text)

    def redact(self, text: str) -> str:
        """Return the text with each secret in it replaced by its label, so that it can be shown."""
        return self._forbidden.redact(text)

    def files(self, *directories: str) -> set[str]:
        """Return the paths of all files below the directories."""
        found = self.machine.run(["find", *directories, "-type", "f", "-print0"]).stdout
        return set(found.decode(errors="replace").split("\0")) - {""}

    def executions(self) -> ExecutionWatch:
        """Watch which programs are executed, with which command lines and environments."""
        return ExecutionWatch(self.machine)

    def secrets_in(self, *texts: str) -> set[str]:
        """Return the labels of the passphrases, keys and planted rows that the texts hold."""
        return {label for text in texts for label in self._forbidden.in_text(text)}

    def files_with_secrets(self, directory: str, *, timeout: float = 600.0) -> list[str]:
        """Return the paths of the files below a directory that hold a passphrase, a key or a planted row.

        They are looked for in the machine, within ``timeout`` seconds: a store is too large to be fetched. Raises
        CommandFailed if any cannot be read.
        """
        options = "--recursive --devices=skip --files-with-matches --fixed-strings --file=-"
        patterns = "\n".join(self._forbidden.strings).encode()
        # Status 1 is: there is none.
        return self.machine.check(
            f"grep {options} {shlex.quote(directory)} || [ $? = 1 ]", stdin=patterns, timeout=timeout
        ).text.splitlines()

    def login(self) -> Console:
        """Log in as root at the serial console."""
        self.machine.console.login("root", self._secrets.vault.root_password)
        return self.machine.console

    # Archives

    @property
    def passphrases(self) -> Mapping[str, str]:
        """What opens each database's archives: a passphrase, or what else the contract calls for."""
        return {database: self._secrets.key(self.site, database) for database in self.site.databases}

    def packets(self, run: BackupRun, store: str) -> Packets:
        """Return what the run's archive at the store says of its encryption."""
        return inspect(self.stores[store].fetch(run.object_at(store).key))

    def opens(self, run: BackupRun, store: str, passphrase: str) -> bool:
        """Whether the passphrase decrypts the run's archive at the store."""
        try:
            self._format(run.database).decrypt(self.stores[store].fetch(run.object_at(store).key), passphrase)
        except (WrongPassphrase, NotDecrypted):
            return False
        return True

    def add_target(self, name: str, directory: str) -> None:
        """Add a directory of the machine to the targets, by nothing but rclone's configuration."""
        self.directories[name] = directory
        self.place_secrets()

    def place_secrets(self) -> None:
        """Put the secrets where the site expects them, rclone's configuration with the stores' present ports."""
        contents = self._secrets.contents(self.site, self.stores.values(), self.directories)
        place_secrets(self.machine, self.site.secrets, contents)

    # Own

    def _format(self, database: str) -> Format:
        named = "names" not in self.site.exempt
        program = self.site.archives[database].decrypt
        if program is None:
            return Format(named=named)
        return Format(decrypt=decryption_by(self.machine, program), openpgp=False, named=named)

    def _state(self, database: str) -> dict[str, str]:
        shown = self.machine.check(["systemctl", "show", "--timestamp=unix", self.site.archives[database].unit]).text
        return dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)

    def _keys(self, store: Store) -> set[str]:
        return {item.key for item in self._objects(store)}

    @staticmethod
    def _objects(store: Store) -> list[StoredObject]:
        try:
            return store.objects()
        except StoreDied:
            raise
        except StoreError:  # stopped, as a provider that is down
            return []

    @cached_property
    def _forbidden(self) -> Forbidden:
        return Forbidden(self._secrets.forbidden(self.site))


def stop_timers(machine: Machine, site: Site) -> None:
    """Stop the timers of the site's backup units, so that none fires into a scenario."""
    machine.check(["systemctl", "stop", *(archive.timer for archive in site.archives.values() if archive.timer)])


def _seconds(state: Mapping[str, str]) -> float:
    """Return how long the unit's last run took."""
    begun, ended = int(state["ExecMainStartTimestampMonotonic"]), int(state["InactiveEnterTimestampMonotonic"])
    return max(0.0, (ended - begun) / 1e6)
