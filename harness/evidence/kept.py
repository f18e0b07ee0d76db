"""The machine of a failed scenario, frozen at the failure, with what its stores held, for inspection later."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.database.sources import read_sources
from harness.errors import GateError
from harness.evidence.scenario_id import scenario_id
from harness.guest.frozen import thawed
from harness.machine.freezer import freeze
from harness.machine.template import Template
from harness.site.site import Site
from harness.store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.gate import Gate
    from harness.host.cache import Cache
    from harness.store.store import Store
    from harness.trial.trial import Trial

KIND = "kept"
_RECORD = "kept.json"


class KeptError(GateError):
    """There is no such machine."""


@dataclass(frozen=True)
class Kept:
    """A directory: the frozen machine, and ``stores/NAME`` with each store's objects and journal."""

    directory: Path
    site: Site
    directories: dict[str, str]
    """What ``World.add_target`` added."""
    ahead: float
    """Seconds that the scenario's time was ahead of real time."""
    broken: tuple[str, ...]
    """What broke, each in a sentence: the laws by name, or where none is broken what the scenario says."""
    unit: str
    """The backup unit that ran last."""

    @property
    def template(self) -> Template:
        """The frozen machine. Raises TemplateError."""
        return Template.load(self.directory)

    def journal(self, store: str) -> Path:
        """Return the store's journal of requests up to the failure."""
        return self.directory / "stores" / store / "journal.jsonl"

    def refill(self, store: Store) -> None:
        """Put the objects that a store held into a fresh one, under their keys; their times are today's."""
        saved = self.directory / "stores" / store.name
        for number, key in enumerate(json.loads((saved / "keys.json").read_text())):
            store.put(key, (saved / str(number)).read_bytes())


def keep(trial: Trial, scenario: str, reason: str, *, cache: Cache) -> str:
    """Freeze the trial's machine, which is off afterwards, and save its stores; return the id for ``find``.

    ``reason`` is why the scenario failed, in a sentence. An earlier one of the same scenario is replaced.

    Raises:
        MachineError: the guest no longer responds.
        CacheError: the earlier one is in use, or the disk is full.
    """
    key = scenario_id(scenario)

    def build(directory: Path) -> None:
        for name, store in trial.stores.items():
            _save(store, directory / "stores" / name)
        trial.world.postgresql.sources.write(directory)
        laws = [str(each) for each in trial.findings.laws if each.holds is False]
        ran = [run.unit for run in trial.findings.runs] or [archive.unit for archive in trial.site.archives.values()]
        record = {
            "broken": [trial.leaks.redact(sentence) for sentence in laws or [reason]],
            "unit": ran[-1],
            "nix_store": str(trial.site.nix_store),
            "toplevel": trial.site.toplevel,
            "directories": dict(trial.world.directories),
            "ahead": trial.world.clock.ahead.total_seconds(),
        }
        (directory / _RECORD).write_text(json.dumps(record))
        freeze(trial.machine, directory)

    cache.replace(KIND, key, build, rests_on=[trial.machine.hardware.disk.parent])  # what it was thawed from
    return key


def find(scenario: str, *, cache: Cache) -> Kept:
    """Return what was kept of a scenario, in use until the process ends.

    Raises:
        KeptError: nothing; the sentence names what was.
    """
    directory = cache.use(KIND, scenario_id(scenario))
    if directory is None:
        there = [entry.key for entry in cache.entries() if entry.kind == KIND]
        message = (
            f"no machine was kept for scenario {scenario}; run it with --gate-keep."
            f" Kept are: {', '.join(sorted(there)) or 'none'}"
        )
        raise KeptError(message)
    record: Mapping[str, Any] = json.loads((directory / _RECORD).read_text())
    site = Site.load(Path(record["nix_store"]), record["toplevel"])
    broken, unit = tuple(record.get("broken", ())), record.get("unit", "")  # of an earlier version there is none
    return Kept(directory, site, record["directories"], record["ahead"], broken, unit)


@contextmanager
def again(gate: Gate, kept: Kept) -> Iterator[Trial]:
    """Yield a trial that continues where one failed. Raises what ``Gate.trial`` raises."""
    machine = thawed(
        kept.template,
        kept.site,
        known=read_sources(kept.directory),
        limit=gate.guest.filling.limits.seconds,
        name="kept",
        workspace=gate.workspace,
        progress=gate.progress,
    )
    with gate.trial(kept.site, machine) as trial:
        for store in trial.stores.values():
            kept.refill(store)
        for name, directory in kept.directories.items():
            trial.world.add_target(name, directory)
        trial.world.clock.go_ahead(timedelta(seconds=kept.ahead))
        yield trial


def _save(store: Store, directory: Path) -> None:
    directory.mkdir(parents=True)
    keys = []
    try:
        store.restart()  # it may be stopped, like a provider that is down
        for number, stored in enumerate(store.objects()):
            with (directory / str(number)).open("wb") as file:
                store.download(stored.key, file)
            keys.append(stored.key)
    except StoreError as error:
        (directory / "lost").write_text(f"{error}\n")  # the machine is worth keeping without a dead store
    (directory / "keys.json").write_text(json.dumps(keys))
    if store.journal_path.exists():
        shutil.copy(store.journal_path, directory / "journal.jsonl")
