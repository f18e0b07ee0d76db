"""A program of a unit's is killed once it has written something. The control group here is a file."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from harness.machine.errors import MachineError
from harness.machine.result import CommandResult
from harness.trial import killing
from harness.trial.findings import Findings
from harness.trial.killing import Killing

if TYPE_CHECKING:
    from pathlib import Path

UNIT = "postgresqlBackup-db1.service"


class Here:
    """This machine, with another place of control groups."""

    def __init__(self, groups: Path) -> None:
        self._groups = groups

    def start(self, command: list[str]) -> Any:
        here = [word.replace("/sys/fs/cgroup", str(self._groups)) for word in command]
        # Unbuffered: what a buffer held back of the pipe, communicate would not see.
        watch = subprocess.Popen(here, bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert watch.stdout
        first = watch.stdout.read(1 << 16)

        def finish(_: object) -> CommandResult:
            out, err = watch.communicate(timeout=10)
            status = watch.returncode if watch.returncode >= 0 else 128 - watch.returncode
            return CommandResult(status, first + out, err)

        return SimpleNamespace(read=lambda timeout: first, kill=watch.kill, finish=finish, watch=watch)


def trial(groups: Path) -> Any:
    return SimpleNamespace(machine=Here(groups), units={"db1": SimpleNamespace(name=UNIT)}, findings=Findings())


def killed(tmp_path: Path, *programs: str, writes: bool = True) -> tuple[str, int | None]:
    """Return what is said to be killed, and how a dd in the unit has ended, None if it runs on."""
    (tmp_path / "system.slice" / UNIT).mkdir(parents=True)
    where = ["if=/dev/zero", "of=/dev/null"] if writes else []
    program = subprocess.Popen(["dd", *where], stdin=subprocess.PIPE)
    (tmp_path / "system.slice" / UNIT / "cgroup.procs").write_text(f"{program.pid}\n")
    try:
        with Killing(trial(tmp_path), "db1", programs) as watch:
            try:
                program.wait(timeout=5 if writes and "dd" in programs else 0.5)
                assert watch._running
                watch._running.watch.wait(timeout=5)  # type: ignore[attr-defined]
            except subprocess.TimeoutExpired:
                pass
        return watch.killed, program.poll()
    finally:
        program.kill()
        program.communicate()


def test_the_first_that_writes_is_killed(tmp_path: Path) -> None:
    assert killed(tmp_path, "gpg", "dd") == ("dd", -9)


def test_one_by_another_name_is_not(tmp_path: Path) -> None:
    assert killed(tmp_path, "gpg") == ("", None)


def test_one_that_has_written_nothing_is_not(tmp_path: Path) -> None:
    assert killed(tmp_path, "dd", writes=False) == ("", None)


def test_a_watch_that_ends_by_itself_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(killing, "_WATCH", 'import time; print("watching", flush=True); time.sleep(0.2); exit("no")')
    watch = Killing(trial(tmp_path), "db1", ["gpg"]).__enter__()
    assert watch._running
    watch._running.watch.wait()  # type: ignore[attr-defined]
    with pytest.raises(MachineError, match="ended by itself: no"):
        watch.__exit__(None)
