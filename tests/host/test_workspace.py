"""A run's directory and children end with the run; the next run cleans up after dead ones, not after live ones."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

import psutil
import pytest

from harness.host.deadline import Deadline
from harness.host.lock import FileLock
from harness.host.workspace import Workspace, WorkspaceError, sweep
from tests.host.ends import ends

if TYPE_CHECKING:
    from pathlib import Path

_RUN = """
import signal, sys, time
from pathlib import Path
from harness.host.process import OwnedProcess
from harness.host.workspace import Workspace
workspace = Workspace(Path(sys.argv[1]), label="gw7")
child = OwnedProcess(["sleep", "300"], name="sleeper", workspace=workspace)
print(child.pid, flush=True)
{end}
"""


def run(parent: Path, end: str) -> tuple[subprocess.Popen[str], int]:
    """Start a run that ends in the given way; return it, and its child's process id."""
    process = subprocess.Popen(
        [sys.executable, "-c", _RUN.format(end=end), str(parent)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def workspaces(parent: Path) -> list[Path]:
    """Return the existing workspaces; the door beside them stays."""
    return [path for path in parent.iterdir() if path.name != ".door"]


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    (tmp_path / "runs").mkdir(mode=0o700)
    return tmp_path / "runs"


@pytest.mark.parametrize("end", ["raise KeyboardInterrupt", "sys.exit(1)", "", "1 / 0"])
def test_a_run_that_nobody_closed_cleans_up_as_the_interpreter_ends(parent: Path, end: str) -> None:
    process, child = run(parent, end)
    process.wait(30)
    assert ends(child)
    assert workspaces(parent) == []


def test_several_sweep_at_once(parent: Path) -> None:
    for number in range(200):
        (parent / f"{number}").mkdir()
        (parent / f"{number}" / "lock").touch()
    with ThreadPoolExecutor(8) as pool:
        said = [sentence for sweeps in pool.map(lambda _: sweep(parent), range(8)) for sentence in sweeps]
    assert workspaces(parent) == []
    assert sorted(int(sentence.split()[4].rstrip(",")) for sentence in said) == list(range(200))


def test_a_workspace_that_is_just_made_is_not_swept(parent: Path) -> None:
    """Each worker of a run sweeps while the others make theirs."""
    made = threading.Event()

    def make() -> None:
        for _ in range(50):
            Workspace(parent).close()

    def clean() -> list[str]:
        said: list[str] = []
        while not made.is_set():
            said += sweep(parent)
        return said

    with ThreadPoolExecutor(4) as pool:
        sweeping = [pool.submit(clean) for _ in range(2)]
        making = [pool.submit(make) for _ in range(2)]
        wait(making)
        made.set()
    for each in making:
        each.result()
    assert [sentence for each in sweeping for sentence in each.result()] == []
    assert workspaces(parent) == []


def test_a_door_that_stays_shut(parent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is begun, and what ends is the next run's to remove."""
    monkeypatch.setattr("harness.host.workspace._PATIENCE", 0)
    workspace = Workspace(parent)
    door = FileLock(parent / ".door")
    door.take()
    for use in (Workspace, sweep):
        with pytest.raises(WorkspaceError, match=r"\.door locked for 0 s; end them, or set TMPDIR to another place"):
            use(parent)
    workspace.close()
    door.close()
    assert sweep(parent) == [f"cleaned up after run {workspace.path.name}, which died: nothing was running"]
    assert workspaces(parent) == []


def test_a_killed_run_takes_its_children_along_and_is_swept(parent: Path) -> None:
    process, child = run(parent, "time.sleep(300)")
    assert sweep(parent) == []  # it lives
    deadline = Deadline(10)
    while psutil.Process(child).name() != "sleep":  # it may not yet have asked to die with its parent
        assert not deadline.passed
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    assert ends(child)
    (said,) = sweep(parent)
    assert f"cleaned up after run {process.pid}-gw7-" in said
    assert workspaces(parent) == []


def test_a_run_that_is_killed_while_it_cleans_up_is_swept(parent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As xdist kills a worker that takes more than ten seconds to end."""
    workspace = Workspace(parent)
    (workspace.path / "ram").write_bytes(b"x")
    (workspace.path / "zeta").mkdir()
    removed = []

    def killed(path: Path, **_: object) -> None:
        removed.append(path)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            workspace.close()
    assert removed != [workspace.path], "all at once, the lock may be the first to go"
    workspace._lock.close()
    assert sweep(parent) == [f"cleaned up after run {workspace.path.name}, which died: nothing was running"]
    assert workspaces(parent) == []


def test_a_run_that_is_killed_before_it_has_a_lock_is_swept(parent: Path) -> None:
    (parent / "1-abc").mkdir()
    assert sweep(parent) == []
    assert workspaces(parent) == []


def test_a_close_can_be_repeated(parent: Path) -> None:
    workspace = Workspace(parent)
    workspace.close()
    workspace.close()
    assert workspaces(parent) == []


def test_a_place_that_is_open_to_others_is_refused(parent: Path) -> None:
    parent.chmod(0o755)
    for use in (Workspace, sweep):
        with pytest.raises(WorkspaceError, match=r"is not a private directory of yours; remove it, or set TMPDIR"):
            use(parent)


def test_a_place_that_cannot_be_made_is_told(parent: Path) -> None:
    (parent / "file").touch()
    with pytest.raises(WorkspaceError, match="Not a directory; set TMPDIR to a directory that you can write to"):
        Workspace(parent / "file" / "runs")


def test_a_door_that_cannot_be_made_is_told(parent: Path) -> None:
    (parent / ".door").mkdir()
    for use in (Workspace, sweep):
        with pytest.raises(WorkspaceError, match=r"cannot lock .*\.door: Is a directory; set TMPDIR to a directory"):
            use(parent)
