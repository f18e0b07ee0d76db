"""However a run ends, it leaves nothing running; the next run removes what it left on disk, and passes."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.gate import Gate
    from tests.lifecycle.conftest import InnerRun

    Start = Callable[..., InnerRun]

PASSES = """
def test_passes(trial):
    assert trial.machine.check("echo alive").text == "alive"
    assert not trial.stores["wasabi"].objects()
"""
FAILS = """
def test_fails(trial):
    assert trial.machine.check("echo alive").text == "dead"
"""
WAITS = """
from pathlib import Path
def test_waits(trial):
    Path("here").write_text(trial.machine.boot_id)
    trial.machine.run("sleep 250", timeout=300)
"""
SLOW_TO_END = """
import time
from pathlib import Path
import pytest
@pytest.fixture
def slow(trial):
    yield
    Path("ending").write_text("yes")
    time.sleep(250)
def test_waits(trial, slow):
    Path("here").write_text("yes")
    time.sleep(250)
"""
STORE_DIES = """
import time
from pathlib import Path
def test_asks(trial):
    Path("here").write_text("yes")
    while not Path("killed").exists():
        time.sleep(0.05)
    trial.stores["backblaze"].objects()
"""


def assert_nothing_is_left(run: InnerRun) -> None:
    assert run.left_running() == []
    assert run.workspaces() == []


def assert_the_next_run_cleans_up(run: InnerRun, start: Start) -> None:
    assert run.left_running() == []
    assert run.workspaces(), "it had no time to clean up, yet there is nothing: was it killed at all?"
    following = start(PASSES)
    assert following.wait() == 0, following.output
    assert "cleaned up after run" in following.output
    assert_nothing_is_left(following)


def test_a_run_that_passes(inner: Start) -> None:
    run = inner(PASSES)
    assert run.wait() == 0, run.output
    assert_nothing_is_left(run)


def test_a_failed_assertion(inner: Start) -> None:
    run = inner(FAILS)
    assert run.wait() == 1, run.output
    assert "assert 'alive' == 'dead'" in run.output
    assert_nothing_is_left(run)


def test_ctrl_c(inner: Start) -> None:
    run = inner(WAITS)
    run.reach("here")
    assert run.descendants("qemu-system")
    run.interrupt()
    assert run.wait() == pytest.ExitCode.INTERRUPTED, run.output
    assert_nothing_is_left(run)


def test_ctrl_c_twice(inner: Start) -> None:
    """The second comes during teardown, and aborts it."""
    run = inner(SLOW_TO_END)
    run.reach("here")
    run.interrupt()
    run.reach("ending")
    run.interrupt()
    assert run.wait() != 0, run.output
    assert_nothing_is_left(run)


def test_terminated(inner: Start) -> None:
    run = inner(WAITS)
    run.reach("here")
    run.process.terminate()
    assert run.wait() == 128 + signal.SIGTERM, run.output
    assert_nothing_is_left(run)


def test_killed(inner: Start) -> None:
    run = inner(WAITS)
    run.reach("here")
    run.process.kill()
    assert run.wait() == -signal.SIGKILL
    assert_the_next_run_cleans_up(run, inner)


def test_a_killed_worker(inner: Start) -> None:
    run = inner(WAITS, "-n", "1", "--max-worker-restart=0")
    run.reach("here")
    (worker,) = {int(name.split("-")[0]) for name in run.workspaces() if "-gw0-" in name}
    os.kill(worker, signal.SIGKILL)
    assert run.wait() != 0
    assert "crashed" in run.output
    assert_the_next_run_cleans_up(run, inner)


def test_a_qemu_killed_from_outside(inner: Start) -> None:
    run = inner(WAITS)
    run.reach("here")
    (qemu,) = run.descendants("qemu-system")
    qemu.kill()
    assert run.wait() == 1, run.output
    assert "QEMU has ended (killed by signal 9)" in run.output
    assert_nothing_is_left(run)


def test_a_store_killed_from_outside(inner: Start) -> None:
    run = inner(STORE_DIES)
    run.reach("here")
    stores = run.descendants("harness.store.server")
    assert len(stores) == 3  # the fork server is one of them
    for process in stores:
        process.kill()
    (run.home / "killed").touch()
    assert run.wait() == 1, run.output
    assert "the store backblaze died" in run.output
    assert_nothing_is_left(run)


def on_a_small_disk(whole: Path, cache: Path) -> list[str]:
    """Starts a program with it as its cache; without root, mounted in a user namespace mapped back to the user."""
    script = [str(Path(__file__).with_name("small-disk.sh")), str(whole), str(cache)]
    if os.geteuid() == 0:
        return ["unshare", "--mount", *script]
    myself = ["unshare", f"--map-user={os.geteuid()}", f"--map-group={os.getegid()}"]
    return ["unshare", "--map-root-user", "--mount", *script, *myself]


def test_a_disk_that_is_full_while_building(inner: Start, gate: Gate, tmp_path: Path) -> None:
    """Everything exists except the site's template, and there is no room for it."""
    cache = tmp_path / "pg-archive-gate"
    cache.mkdir()
    run = inner(PASSES, environment={"XDG_CACHE_HOME": str(tmp_path)}, through=on_a_small_disk(gate.cache.root, cache))
    assert run.wait() == 1, run.output
    assert "booting the guest" not in run.output
    assert f"the disk with {cache} is full, so site/" in run.output
    assert "pg-archive-gate template prune" in run.output
    assert (tmp_path / "pg-archive-gate.left").read_text() == ""
    assert_nothing_is_left(run)
    following = inner(PASSES)
    assert following.wait() == 0, following.output
