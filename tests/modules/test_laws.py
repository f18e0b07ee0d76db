"""The laws hold whatever goes wrong: random faults at both stores, random kills.

CI tries 150 plans for each kind of store, always the same ones; for a night, `pytest tests/modules/test_laws.py
--hypothesis-profile=nightly` tries 500 others. A plan that fails is printed as code.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import pytest
from hypothesis import find, given, seed, settings

from harness.store.effect import Refuse
from harness.store.fault import Fault
from harness.store.rclone_config import UNION
from tests.modules.conftest import Site, content_of, decrypted, dump_text
from tests.modules.plans import Kill, Plan, faults, plans
from tests.modules.warm import Run, Warm

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTENT = dump_text(rows=50)
PLANS = max(150, settings().max_examples)  # a plan takes a second or two
PARTS = 6  # most of a plan is waiting: several workers share them


class Law(AssertionError):
    """A law is broken."""


class World(ABC):
    """A site whose stores each have one finished archive, made once."""

    def __init__(self, site: Site) -> None:
        self.site = site
        first = site.backup(CONTENT)
        assert first.green, first
        self.earlier = {store.name: {key: store.fetch(key) for key in site.names(store)} for store in site.stores}
        self.readable: dict[bytes, bytes] = {}

    def reset(self) -> None:
        """Make everything as it was after the first run."""
        for store in self.site.stores:
            store.heal()
            found, earlier = set(self.site.names(store)), self.earlier[store.name]
            for key in found - earlier.keys():
                self.site.pair.clients[store.name].delete_object(Bucket=store.bucket, Key=key)
            for key in earlier.keys() - found:
                store.put(key, earlier[key])
            os.truncate(store.journal_path, 0)

    def run(self, plan: Plan) -> tuple[int, str]:
        """Run with the plan; return exit status and output. The status is negative if it was killed."""
        self.site.pair.a.meet(*plan.backblaze)
        self.site.pair.b.meet(*plan.wasabi)
        self.site.begin()
        self.site.new_dump(CONTENT)
        return self._archive(plan.kill)

    @abstractmethod
    def _archive(self, kill: Kill | None) -> tuple[int, str]:
        """Do what archives the new dump."""

    def check(self, status: int, output: str, *, killed: bool) -> bool:
        """Raise Law for what a run that has just ended broke; return whether it left nothing to the next one."""
        clean = not self.site.left()
        for store in self.site.stores:
            found = {key: store.fetch(key) for key in self.site.names(store)}
            for key, old in self.earlier[store.name].items():
                if found.pop(key, None) != old:
                    raise Law(f"'what was good stays good': {store.name} has lost or changed {key}\n{output}")
            whole = [key for key in found if key.endswith(".enc") and self._restores(found[key])]
            finished = [key for key in whole if self._vouches(found.get(f"{key}.manifest"), key)]
            if status == 0 and len(finished) != 1:
                raise Law(f"'green means restorable everywhere': {store.name} has {sorted(found)}\n{output}")
            if status != 0 and not killed and not finished and f"archive-{store.name}:" not in output:
                raise Law(f"'red says what and where': nothing is said of {store.name}\n{output}")
            half = [key for key in found if key not in whole and not key.endswith(".manifest")]
            # What a store neither accepted whole nor let anyone remove waits for the next run, which is told of.
            if half and not killed and any(f"{key.rpartition('/')[2]} may be there" not in output for key in half):
                raise Law(f"'nothing half': {store.name} has {half}\n{output}")
            clean &= found.keys() == {each for key in finished for each in (key, f"{key}.manifest")}
        if self.site.left() and not (killed and status < 0):
            raise Law(f"'nothing half': {self.site.left()} stays on the host\n{output}")
        return clean

    def check_healed(self) -> None:
        """Raise Law unless the next run is green and leaves nothing half."""
        for store in self.site.stores:
            store.heal()
        before = {store.name: set(self.site.names(store)) for store in self.site.stores}
        status, output = self.run(Plan())
        if status != 0:
            raise Law(f"'heals': the next run is red\n{output}")
        for store in self.site.stores:
            keys = self.site.names(store)
            if not set(keys) - before[store.name]:
                raise Law(f"'heals': {store.name} has nothing new\n{output}")
            for key in keys:
                whole = not key.endswith(".enc") or (self._restores(store.fetch(key)) and f"{key}.manifest" in keys)
                # Damage in its first bytes looks like another passphrase, perhaps another host's: it is told of.
                if not whole and f"{key.rpartition('/')[2]} has no manifest and stays unfinished" not in output:
                    raise Law(f"'nothing half': {store.name} still has {key} after the next run\n{output}")
                if not key.removesuffix(".manifest").endswith(".enc"):
                    raise Law(f"'nothing half': {store.name} still has {key} after the next run\n{output}")
        if self.site.left():
            raise Law(f"'heals': {self.site.left()} stays on the host\n{output}")

    def _restores(self, archive: bytes) -> bool:
        if archive not in self.readable:
            try:
                self.readable[archive] = content_of(archive)
            except (subprocess.CalledProcessError, OSError, EOFError):
                self.readable[archive] = b""
        return self.readable[archive] == CONTENT

    def _vouches(self, manifest: bytes | None, key: str) -> bool:
        if manifest is None:
            return False
        if manifest not in self.readable:
            try:
                self.readable[manifest] = decrypted(manifest)
            except subprocess.CalledProcessError:
                self.readable[manifest] = b""
        return key.rpartition("/")[2].encode() in self.readable[manifest]


class Ours(World):
    """Runs the program."""

    def __init__(self, site: Site, program: Warm) -> None:
        super().__init__(site)
        self._program = program

    def _archive(self, kill: Kill | None) -> tuple[int, str]:
        output = self.site.directory / "output"
        run = self._program.start(["run", "db1", f"--config={self.site.directory / 'config.json'}"], output)
        if kill is not None:
            store = self.site.pair.a if kill.backblaze else self.site.pair.b
            while len(store.requests()) < kill.requests and not run.ended(within=0.02):
                pass
            if not run.ended():
                _kill(run, hard=kill.hard)
        return run.status(within=120), output.read_text()


def _kill(run: Run, *, hard: bool) -> None:
    with suppress(psutil.NoSuchProcess):
        program = psutil.Process(run.pid)
        if not hard:
            program.terminate()
            return
        for each in (program, *program.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                each.kill()


@pytest.fixture
def site(site: Site) -> Site:
    """One whose gpg derives keys in no time: no law is about that, and a plan needs six."""
    program = site.directory / "bin/gpg"
    fast = "--s2k-count=2048"
    script = f'exec {shutil.which("gpg")} {fast} "${{@/#--s2k-count=*/{fast}}}"'
    program.write_text(f"#!/bin/bash\n{script}\n")
    program.chmod(0o755)
    site.configuration |= {"timeout": 8, "timeLimit": 30}
    return site


@pytest.fixture
def ours(site: Site) -> Iterator[Ours]:
    with Warm(site.environment) as program:
        yield Ours(site, program)


@pytest.mark.parametrize("part", range(PARTS))
def test_the_laws_hold(ours: Ours, part: int) -> None:
    @settings(max_examples=PLANS // PARTS)
    @given(plans)
    def laws(plan: Plan) -> None:
        ours.reset()
        status, output = ours.run(plan)
        clean = ours.check(status, output, killed=plan.kill is not None)
        if not clean:  # else the next run starts from what this one did, if with two finished archives instead of one
            ours.check_healed()

    # Always the same ones, but not those of the other parts; by night any.
    (seed(part)(laws) if settings().derandomize else laws)()


# The article's recipe, as published: encrypt, copy to the union, remove.


class Article(World):
    """Runs the recipe instead of the program."""

    def _archive(self, kill: Kill | None) -> tuple[int, str]:
        assert kill is None
        archive = self.site.directory / f"db1_{time.time_ns()}.sql.gz.enc"
        recipe = f"""set -e
            gpg --homedir {self.site.dumps.parent} --symmetric --cipher-algo AES256 --batch --yes \\
                --pinentry-mode loopback --passphrase-file {self.site.directory}/key --output {archive} {self.site.dump}
            rclone --config {self.site.directory}/rclone.conf --low-level-retries 2 copy {archive} {UNION}:/db1/
            rm -f {archive}"""
        ended = subprocess.run(
            ["bash", "-c", recipe], env=self.site.environment, capture_output=True, text=True, timeout=120, check=False
        )
        archive.unlink(missing_ok=True)
        return ended.returncode, ended.stdout + ended.stderr

    def breaks_green(self, plan: Plan) -> bool:
        """Whether a run with the plan is green while a store has no archive of it."""
        self.reset()
        status, _ = self.run(plan)
        new = {store.name: set(self.site.archives(store)) - set(self.earlier[store.name]) for store in self.site.stores}
        return status == 0 and not all(new.values())


@pytest.mark.parametrize("kind", ["moto"])
class TestArticle:
    def test_the_plan_that_finds_the_unions_bug(self, site: Site) -> None:
        """Found and shrunk by Hypothesis: one refused upload."""
        plan = Plan(wasabi=(Fault(Refuse(403), method="PUT", nth=1),))
        assert Article(site).breaks_green(plan)

    @pytest.mark.nightly
    def test_hypothesis_finds_the_unions_bug(self, site: Site) -> None:
        """Within as many plans as CI tries of our program: were there a bug like it, it would be found."""
        plan = find(faults, Article(site).breaks_green, settings=settings(max_examples=PLANS))
        print(plan)
        assert len(plan.backblaze) + len(plan.wasabi) == 1
