"""What every scenario leaves below evidence/: its own record, passed or failed, and nothing of an earlier run.

The machine is a double: these are about what is written when, and what it is called.
"""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

from harness.archive.verdict import Stage, Verdict
from harness.evidence.record import Record
from tests.plugin.trial_double import CONFTEST

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", *arguments],
        cwd=home,
        env={
            "HOME": "/dev/null",
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),  # the code under test may not be what is installed
            "TMPDIR": str(home),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def records(home: Path) -> dict[str, Record]:
    return {path.parent.name: Record.load(path) for path in (home / "evidence").glob("*/record.json")}


def test_every_scenario_leaves_a_record(home: Path) -> None:
    (home / "test_a.py").write_text("def test_good(trial):\n    trial.backup('db1')\n")
    ended = run(home)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    ((name, record),) = records(home).items()
    assert (name, record.scenario, record.outcome) == ("test_a.test_good", "test_a.py::test_good", "passed")
    assert (record.runs[0].result, record.runs[0].objects) == ("success", {"wasabi": {"databases/db1/x": 7}})
    assert record.runs[0].verdicts[0].stages[0].digest == "ab" * 32
    assert [event.what for event in record.timeline] == ["wasabi meets Refuse(status=503) for every request", "runs"]
    assert (record.reason, record.files, record.requests) == ("", {}, {"wasabi": ()})


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_equal_names_in_different_files_are_apart(home: Path, workers: list[str]) -> None:
    for directory in ("one", "other"):
        (home / directory).mkdir()
        (home / directory / "__init__.py").touch()
        (home / directory / "test_a.py").write_text(f"def test_x(trial):\n    assert False, '{directory}'\n")
    (home / "test_b.py").write_text("def test_x(trial):\n    pass\n")
    ended = run(home, *workers)
    assert "2 failed, 1 passed" in ended.stdout, ended.stdout + ended.stderr
    found = records(home)
    assert {name: record.outcome for name, record in found.items()} == {
        "one.test_a.test_x": "failed",
        "other.test_a.test_x": "failed",
        "test_b.test_x": "passed",
    }
    assert [found[f"{name}.test_a.test_x"].reason for name in ("one", "other")] == [
        "AssertionError: one",
        "AssertionError: other",
    ]
    assert len({record.run for record in found.values()}) == 1


@pytest.mark.parametrize("mark", ["", "import pytest\n@pytest.mark.skip\n"], ids=["passes", "is skipped"])
def test_a_run_replaces_what_the_same_scenario_left_and_nothing_else(home: Path, mark: str) -> None:
    """One that passes now has no journals of its failure; the other's record names its own run."""
    for file in ("a", "b"):
        (home / f"test_{file}.py").write_text("def test_x(trial):\n    assert False\n")
    run(home)
    former = records(home)
    (home / "test_a.py").write_text(f"{mark}def test_x(trial):\n    pass\n")
    assert run(home, "test_a.py").returncode == 0
    now = records(home)
    assert [path.name for path in (home / "evidence" / "test_a.test_x").iterdir()] == ["record.json"]
    assert (home / "evidence" / "test_b.test_x" / "console.log").exists()
    assert now["test_b.test_x"] == former["test_b.test_x"]
    assert now["test_a.test_x"].run != former["test_b.test_x"].run


def test_a_run_that_was_killed_leaves_records_that_say_so(home: Path) -> None:
    test = home / "test_a.py"
    test.write_text("def test_x(trial):\n    pass\n")
    run(home)
    assert list(records(home)) == ["test_a.test_x"]
    test.write_text("import os\ndef test_x(trial):\n    os.kill(os.getpid(), 9)\ndef test_y(trial):\n    pass\n")
    assert run(home).returncode == -9
    assert {name: (record.outcome, record.reason, record.again) for name, record in records(home).items()} == {
        "test_a.test_x": (
            "error",
            "it began and did not end, as where its process crashes",
            f"{sys.executable} -m pytest test_a.py::test_x",
        ),
        "test_a.test_y": ("error", "pytest ended before it began", f"{sys.executable} -m pytest test_a.py::test_y"),
    }


def test_of_a_file_that_can_be_collected_again_there_is_no_record(home: Path) -> None:
    test = home / "test_a.py"
    test.write_text("import nonexistent\n")
    run(home, "--gate-strict")
    assert {name: record.outcome for name, record in records(home).items()} == {"test_a.py": "error"}
    run(home, "--gate-strict", "--collect-only")
    test.write_text("def test_x(trial):\n    pass\n")
    run(home, "--gate-strict", "--collect-only")
    assert list(records(home)) == ["test_a.py"], "what is only looked at changes nothing"
    run(home, "--gate-strict")
    assert {name: record.outcome for name, record in records(home).items()} == {"test_a.test_x": "passed"}


def test_what_failed_is_beside_the_record_without_secrets(home: Path) -> None:
    (home / "test_a.py").write_text("def test_x(trial):\n    trial.backup('db1')\n    assert False, 'it is s3cret'\n")
    ended = run(home)
    directory = home / "evidence" / "test_a.test_x"
    record = records(home)["test_a.test_x"]
    assert record.reason == "AssertionError: it is [passphrase of db1]"
    assert record.files == {
        "machine's journal": "machine.journal",
        "console": "console.log",
        "requests to wasabi": "requests-wasabi.jsonl",
        "journal of db1.service, run 1": "unit-1.journal",
    }
    assert {path.name for path in directory.iterdir()} == {*record.files.values(), "record.json"}
    assert (directory / "unit-1.journal").read_text() == "it says [passphrase of db1]"
    assert "s3cret" not in "".join(path.read_text() for path in directory.iterdir())
    assert f"gate: console: {directory}/console.log" in ended.stdout
    assert directory.stat().st_mode & 0o777 == 0o700


def test_a_run_that_should_have_succeeded_is_told_in_a_sentence(home: Path) -> None:
    """In the terminal, in the record, and so in the report; the journal's first line is systemd's."""
    journal = "[ 9.5] host systemd[1]: Starting dump.service\\n[ 9.7] host dump[42]: no such bucket: it is s3cret\\n"
    (home / "test_a.py").write_text(
        "from harness.scenario import BackupRun\n"
        "def test_x(trial):\n"
        f"    run = BackupRun('db1', 'dump.service', 'exit-code', 1.0, '{journal}', {{}}, {{}}, None)\n"
        "    assert run.succeeded, str(run)\n"
    )
    ended = run(home)
    sentence = "dump.service ended in exit-code; its last line: no such bucket: it is [passphrase of db1]"
    assert records(home)["test_a.test_x"].reason == f"AssertionError: {sentence}"
    assert f"E       AssertionError: {sentence}\n" in ended.stdout


def test_the_command_that_runs_it_again_works_where_pytest_is_not_on_path(home: Path) -> None:
    (home / "test_a.py").write_text("def test_x(trial):\n    assert False\ndef test_y(trial):\n    pass\n")
    run(home)
    again = records(home)["test_a.test_x"].again
    variables = {"HOME": "/dev/null", "PATH": "/usr/bin:/bin", "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    ended = subprocess.run(
        ["sh", "-c", again], cwd=home, env=variables, capture_output=True, text=True, timeout=60, check=False
    )
    assert "1 failed in" in ended.stdout, ended.stdout + ended.stderr


_OUTCOMES = """
import pytest
from harness.archive.errors import NotEncrypted
from harness.trial.errors import NotSeen
from harness.trial.law import LawBroken
from harness.trial.unit import RunMissingError
from harness.machine.errors import CommandFailed, GuestDied

@pytest.fixture
def cannot(_pg_archive_gate):
    raise RuntimeError("s3cret")

@pytest.fixture
def ends_badly(trial):
    yield
    raise RuntimeError("no end")

def test_setup(cannot): pass
def test_teardown(ends_badly): pass
def test_both(ends_badly): assert False, "lost"
def test_died(trial): raise GuestDied("QEMU has ended", "")
def test_command(trial): raise CommandFailed("status 1 from: sync", "")
def test_host(trial): raise FileNotFoundError("the checkout is gone")
def test_mistake(trial): first, second = trial.check().text
def test_plain(trial): raise NotEncrypted("it is gzip")
def test_unseen(trial): raise NotSeen("no dump within 1 s")
def test_late(trial): raise RunMissingError("it did not run by itself")
def test_slow(trial):
    trial.backup("db1")
    trial.findings.runs[-1].result = "stopped-early"
    assert False, "it ended in stopped-early"
def test_slow_and_broken(trial):
    trial.backup("db1")
    trial.findings.runs[-1].result = "stopped-early"
    raise LawBroken("breaks 'says'")
def test_skipped(trial): pytest.skip("one database alone")
@pytest.mark.skip(reason="not here")
def test_never(trial): pass
"""


def test_trouble_in_finding_out_is_an_error(home: Path) -> None:
    """It is not a verdict on a module. What fails, and then fails to end, has failed."""
    (home / "test_a.py").write_text(_OUTCOMES)
    run(home)
    found = {name.removeprefix("test_a.test_"): record for name, record in records(home).items()}
    assert {name: (record.outcome, record.reason) for name, record in found.items()} == {
        "setup": ("error", ""),  # there was nothing to redact it
        "teardown": ("error", "RuntimeError: no end"),
        "both": ("failed", "AssertionError: lost"),
        "died": ("error", "harness.machine.errors.GuestDied: QEMU has ended"),
        "command": ("error", "harness.machine.errors.CommandFailed: status 1 from: sync"),
        "host": ("error", "FileNotFoundError: the checkout is gone"),
        "mistake": ("error", found["mistake"].reason),
        "plain": ("failed", "harness.archive.errors.NotEncrypted: it is gzip"),
        "unseen": ("error", "harness.trial.errors.NotSeen: no dump within 1 s"),
        "late": ("failed", "harness.trial.unit.RunMissingError: it did not run by itself"),
        "slow": ("error", "AssertionError: it ended in stopped-early"),
        "slow_and_broken": ("failed", "breaks 'says'"),
        "skipped": ("skipped", "one database alone"),
        "never": ("skipped", "not here"),
    }


def test_neither_the_terminal_nor_junits_file_shows_a_secret(home: Path) -> None:
    """Of a failure's message, its source and what was printed."""
    (home / "test_a.py").write_text(
        "def test_x(trial):\n    print('printed s3cret')\n    assert trial.check().text == 'no s3cret'\n"
    )
    ended = run(home, "--junitxml=junit.xml", "-rA")
    for shown in (ended.stdout, (home / "junit.xml").read_text()):
        assert "printed [passphrase of db1]" in shown
        assert "no [passphrase of db1]" in shown
        assert "s3cret" not in shown


def test_the_short_facts_are_in_junits_file(home: Path) -> None:
    (home / "test_a.py").write_text(
        "from harness.scenario import Stage, Verdict\n"
        "def test_x(trial):\n"
        "    trial.backup('db1')\n"
        "    stage = Stage('restored', 'wasabi', None, None, ok=False, detail='it has s3cret')\n"
        "    trial.findings.verdicts.append((trial.findings.runs[-1], Verdict('db1', (stage,))))\n"
    )
    run(home, "--junitxml=junit.xml")
    stages = (Stage("restored", "wasabi", None, None, ok=False, detail="it has [passphrase of db1]"),)
    verdict = str(Verdict("db1", stages))
    properties = ET.parse(home / "junit.xml").getroot().iter("property")
    assert [(entry.get("name"), entry.get("value")) for entry in properties] == [
        ("gate-record", f"{home}/evidence/test_a.test_x/record.json"),
        ("gate-run", "db1.service success in 2.5 s; wasabi: 1 new"),
        ("gate-verdict", "db1 restores from every store; source abababababab"),
        ("gate-verdict", f"{verdict}; restored wasabi none"),
        ("gate-law", "keeps 'bounded': it ended, says [passphrase of db1]"),
    ]


def test_what_cannot_be_written_is_told_and_changes_no_outcome(home: Path) -> None:
    (home / "test_a.py").write_text("def test_x(trial):\n    pass\n")
    (home / "evidence").write_text("a file")
    ended = run(home)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "the evidence of test_a.py::test_x cannot be written" in ended.stderr


def test_a_fixture_of_that_name_can_be_something_else(home: Path) -> None:
    """Such as a project's own fixture, next to ours."""
    (home / "test_a.py").write_text(
        "import pytest\n@pytest.fixture\ndef trial():\n    return 'of a drug'\n"
        "def test_x(trial, _pg_archive_gate):\n    assert trial != 'of a drug'\n"
    )
    ended = run(home)
    assert "1 failed" in ended.stdout, ended.stdout + ended.stderr
    assert records(home)["test_a.test_x"].outcome == "failed"


def test_what_is_missing_is_no_verdict(home: Path) -> None:
    """Under --gate-strict a scenario that is skipped in its middle fails, but says nothing of the module."""
    (home / "test_a.py").write_text("import pytest\ndef test_x(trial):\n    pytest.skip('needs a moon')\n")
    ended = run(home, "--gate-strict")
    assert "1 failed" in ended.stdout, ended.stdout + ended.stderr
    assert [record.outcome for record in records(home).values()] == ["error"]
