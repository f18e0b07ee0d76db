"""``pg-archive-gate watch`` at a terminal. The scenarios, and the process that waits, have a double for a machine."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from typing import TYPE_CHECKING

import pexpect
import psutil
import pytest

from harness.resources import ROOT
from tests.plugin.trial_double import BELOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Breaks a law, and takes no end, where the module says so.
_SCENARIO = """
import pathlib, time
from harness.trial.law import Judgement, LawBroken
def test_kept(trial):
    module = pathlib.Path(MODULE).read_text()
    trial.backup('db1')
    if 'slow' in module:
        time.sleep(600)
    if 'worse' in module:
        lost = Judgement('restorable', 'db1.service', holds=False, said='wasabi has no archive of db1', run=1)
        trial.findings.laws.append(lost)
        raise LawBroken(str(lost))
"""
_STANDBY = """
import pathlib, sys
sys.stdin.readline()
module = pathlib.Path(sys.argv[1]).read_text()
if 'syntax' in module:
    print('module.nix:1: syntax error', file=sys.stderr)
    sys.exit(2)
status = 'worse' in module or 'bad' in module
print('round trip', 'broken' if status else 'kept', flush=True)
sys.exit(status)
"""
_PROGRAM = """
import sys
from pathlib import Path
from harness.evidence import judging
judging.SCENARIOS = Path("scenarios").resolve()
from harness.cli import main, watch
from harness.evidence import quick
from harness.host.child import Child
quick.QUICK = (str(judging.SCENARIOS / "test_double.py"),)
watch._standby = lambda options: Child([sys.executable, "standby.py", str(options.module)])
sys.argv[1:] = ["watch", "--module", "nixos/module.nix"]
main()
"""
_LIMIT = 120  # seconds, on a busy host


class Person:
    """Somebody at a terminal, who edits a module."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.module = home / "nixos/module.nix"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb", "COLUMNS": "200", "TMPDIR": str(home)}
        self.log = io.StringIO()
        self.terminal = pexpect.spawn(
            sys.executable, ["watching.py"], cwd=str(home), env=environment, encoding="utf-8", timeout=_LIMIT
        )
        self.terminal.logfile_read = self.log

    def save(self, text: str) -> None:
        self.module.write_text(f"{{ }} # {text}\n")

    def sees(self, *words: str) -> None:
        """Wait until each is there, in this order."""
        for each in words:
            self.terminal.expect_exact(each)

    @property
    def processes(self) -> list[psutil.Process]:
        """What runs in the home, but the program itself."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get("TMPDIR") == str(self.home) and process.pid != self.terminal.pid:
                    found.append(process)
        return found

    @property
    def commands(self) -> list[str]:
        """The words of their command lines."""
        words: list[str] = []
        for process in self.processes:
            with contextlib.suppress(psutil.Error):  # it has ended meanwhile
                words += process.cmdline()
        return words


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    for directory in ("scenarios", "nixos"):
        (tmp_path / directory).mkdir()
    (tmp_path / "scenarios/conftest.py").write_text(BELOW)
    (tmp_path / "nixos/module.nix").write_text("{ }\n")
    module = repr(str(tmp_path / "nixos/module.nix"))
    (tmp_path / "scenarios/test_double.py").write_text(_SCENARIO.replace("MODULE", module))
    (tmp_path / "standby.py").write_text(_STANDBY)
    (tmp_path / "watching.py").write_text(_PROGRAM)
    found = Person(tmp_path)
    try:
        yield found
    finally:
        print(found.log.getvalue())
        found.terminal.close(force=True)
        for process in found.processes:
            with contextlib.suppress(psutil.NoSuchProcess):  # it has ended meanwhile
                process.kill()


def test_each_change_is_judged(person: Person) -> None:
    person.sees(
        "round trip kept", "keeps 1 of 8 laws in 1 scenario", "s after the change", "watching 1 files in", "ends it"
    )
    person.save("worse")
    person.sees("round trip broken", "wasabi has no archive of db1", "breaks 1 of 8 laws", "ends it")
    assert "wasabi has no archive of db1" in (person.home / "pg-archive-gate/report.html").read_text()
    person.save("better")
    person.sees("round trip kept", "keeps 1 of 8 laws in 1 scenario", "ends it")


def test_a_module_that_does_not_evaluate_is_said_and_waited_for(person: Person) -> None:
    person.sees("ends it")
    person.save("syntax error")
    person.sees("module.nix:1: syntax error", "ends it")
    assert "keeps" not in (person.terminal.before or "")  # no scenario was tried
    person.save("mended")
    person.sees("round trip kept", "keeps 1 of 8 laws", "ends it")


def test_a_change_ends_the_scenarios_under_way(person: Person) -> None:
    person.sees("ends it")
    person.save("slow")
    person.sees("round trip kept")
    deadline = time.monotonic() + _LIMIT
    while "pytest" not in person.commands:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    person.save("bad")
    person.sees("changed again", "round trip broken", "keeps 1 of 8 laws", "ends it")


def test_ctrl_c_leaves_nothing(person: Person) -> None:
    person.sees("ends it")
    person.save("slow")
    person.sees("round trip kept")
    person.terminal.sendintr()
    person.terminal.expect(pexpect.EOF)
    person.terminal.close()
    assert person.terminal.exitstatus == 130
    assert "Traceback" not in (person.terminal.before or "")
    deadline = time.monotonic() + 10
    while person.processes:  # killed, and not gone at once on a busy host
        assert time.monotonic() < deadline, person.commands
        time.sleep(0.1)
