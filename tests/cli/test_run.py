"""``pg-archive-gate run``: one answer, an exit status, what it leaves. The scenarios have a double for a machine."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.cli.baseline import BaselineError, options_of
from harness.cli.files import FileError
from harness.evidence import judging
from harness.evidence.judging import NoScenarioError
from harness.host.lock import FileLock
from harness.options import Options
from tests.plugin.trial_double import BELOW

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from typer.testing import Result

    from tests.conftest import StandIn

_KEPT = "def test_kept(trial):\n    trial.backup('db1')\n"
_BROKEN = """
import pytest
from harness.trial.law import Judgement, LawBroken
@pytest.mark.incident(20, 22)
def test_broken(trial):
    trial.backup('db1')
    lost = Judgement('restorable', 'db1.service', holds=False, said='wasabi has no archive of db1', run=1)
    trial.findings.laws.append(lost)
    raise LawBroken(str(lost))
"""
_TROUBLE = """
from harness.machine.errors import GuestDied
def test_trouble(trial):
    raise GuestDied('QEMU has ended', '')
"""


_SAFE, _UNSAFE = 'let reads = "back"; in { }\n', "{ }\n"
# Of a module that reads back what it has uploaded.
_READS_BACK = """
import pathlib
from harness.trial.law import Judgement, LawBroken
def test_reads_back(trial, pytestconfig):
    trial.backup('db1')
    holds = 'reads = "back"' in pathlib.Path(pytestconfig.getoption('gate_module')).read_text()
    trial.findings.laws.append(Judgement('restorable', 'db1.service', holds, 'wasabi has other bytes', 1))
    if not holds:
        raise LawBroken(str(trial.findings.laws[-1]))
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    (scenarios / "conftest.py").write_text(BELOW)
    monkeypatch.setattr(judging, "SCENARIOS", scenarios)
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GATE_MODULE", "GATE_SITE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def ran(home: Path, *scenarios: str, words: Sequence[str | Path] = ()) -> Result:
    for number, scenario in enumerate(scenarios):
        (home / "scenarios" / f"test_{number}.py").write_text(scenario)
    return CliRunner().invoke(app, ["run", "--json", "verdict.json", *map(str, words)])


def test_kept(home: Path) -> None:
    done = ran(home, _KEPT)
    assert done.exit_code == 0, done.output
    assert "kept        bounded                            asked once" in done.stdout
    assert "not judged  heals                              no scenario asked it" in done.stdout
    assert "the default module keeps 1 of 8 laws in 1 scenario; the others were not judged" in done.stdout
    left = {path.name for path in (home / "pg-archive-gate").iterdir()}
    assert left >= {"report.html", "junit.xml", "ctrf.json", "badge.json", "badge.svg", "evidence"}
    assert json.loads((home / "verdict.json").read_text())["verdict"] == "keeps"


def test_broken(home: Path) -> None:
    """A screen: what, like which incident, since which run, and where the evidence is."""
    done = ran(home, _KEPT, _BROKEN, words=("--out", "found"))
    assert done.exit_code == 1, done.output
    lines = done.stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("broken"))
    assert [line.strip() for line in lines[at + 1 : at + 4]] == [
        "wasabi has no archive of db1",
        "like incident 20, 22: a union of stores exited 0 with one of them empty (rclone 9647)",
        "found/evidence/scenarios.test_1.test_broken, run 1",
    ]
    assert (home / "found/evidence/scenarios.test_1.test_broken/record.json").is_file()
    assert "the default module breaks 1 of 8 laws in 2 scenarios" in done.stdout
    assert len(lines) <= 24
    assert "wasabi has no archive of db1" in (home / "found/report.html").read_text()


def test_not_judged(home: Path) -> None:
    done = ran(home, _KEPT, _TROUBLE)
    assert done.exit_code == 2, done.output
    assert "could not be tried: 1" in done.stdout
    assert "QEMU has ended" in done.stdout
    assert "cannot be judged: 1 of 2 scenarios did not run" in done.stdout


def test_a_full_disk_costs_no_verdict(home: Path) -> None:
    done = ran(home, _BROKEN, words=("--json", "/dev/full"))
    assert "/dev/full cannot be written" in str(done.exception)
    assert "the default module breaks 1 of 8 laws in 1 scenario" in done.stdout
    assert (home / "pg-archive-gate/report.html").is_file()


def test_what_cannot_be_judged_leaves_no_former_verdict(home: Path) -> None:
    """And nothing is removed that no run has left."""
    out = home / "pg-archive-gate"
    kept, record = out / "baseline/mine", out / "baseline/evidence/x/record.json"
    former = [out / name for name in ("report.html", "junit.xml", "ctrf.json", "badge.json", "badge.svg")]
    for path in (kept, record, *former):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    done = ran(home, _KEPT, words=("-k", "nothing_of_this_name"))
    assert isinstance(done.exception, NoScenarioError), done.output
    assert str(done.exception).startswith("no scenario matches; "), "nothing above says so"
    assert [path.name for path in (record.parent, *former) if path.exists()] == ["junit.xml"]
    assert 'tests="0"' in (out / "junit.xml").read_text(), "pytest has written it now"
    assert kept.exists()


def test_two_runs_do_not_share_a_directory(home: Path) -> None:
    """Each would judge the other's records."""
    (home / "found").mkdir()
    lock = FileLock(home / "found/.lock")
    assert lock.take()
    done = ran(home, _KEPT, words=("--out", "found"))
    assert str(done.exception) == f"another run uses {home}/found; name another --out"
    lock.close()
    assert ran(home, _KEPT, words=("--out", "found")).exit_code == 0


def test_on_github(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(home / "summary.md"))
    done = ran(home, _BROKEN)
    assert "::error title=breaks 'green means restorable everywhere'::wasabi has no archive of db1 (" in done.stdout
    assert (home / "summary.md").read_text().startswith("### `the default module` breaks 1 of 8 laws in 1 scenario\n")


def test_a_summary_that_cannot_be_written_on_github(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(home / "gone/summary.md"))
    done = ran(home, _KEPT)
    assert isinstance(done.exception, FileError)
    assert str(done.exception) == f"{home}/gone/summary.md cannot be written: No such file or directory"


def test_a_page_of_nothing(home: Path) -> None:
    done = CliRunner().invoke(app, ["report", str(home)])
    assert "there is no record.json below" in str(done.exception)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """With a module that has changed since the first commit, and a file that it imports."""
    root = tmp_path / "nixos"
    (root / "backup").mkdir(parents=True)
    git = ("git", "-C", root, "-c", "user.name=x", "-c", "user.email=x@x", "-c", "commit.gpgsign=false")
    subprocess.run([*git, "init", "--quiet"], check=True)
    (root / "backup/module.nix").write_text("import ./other.nix # before\n")
    (root / "backup/other.nix").write_text("{ }\n")
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "x"], check=True)
    (root / "backup/module.nix").write_text("import ./other.nix # now\n")
    (root / "backup/added.nix").write_text("{ }\n")
    return root


@pytest.mark.parametrize(
    ("before", "now", "status", "said"),
    [
        (_SAFE, _UNSAFE, 1, "the change breaks 'green means restorable everywhere'"),
        (_SAFE, f"# A comment.\n{_SAFE}", 0, "unchanged: 2 scenarios have the same verdict"),
        (_UNSAFE, f"# A comment.\n{_UNSAFE}", 0, "unchanged: 2 scenarios have the same verdict"),
    ],
    ids=["drops the read-back", "a comment", "a comment in what was wrong already"],
)
def test_a_change(home: Path, before: str, now: str, status: int, said: str) -> None:
    """A comment changes nothing; to drop the read-back breaks a law."""
    former, module = home / "former.nix", home / "module.nix"
    former.write_text(before)
    module.write_text(now)
    done = ran(home, _KEPT, _READS_BACK, words=("--module", module, "--baseline", former))
    assert done.exit_code == status, done.output
    assert done.stdout.splitlines()[-1] == said
    broken = "broken      'green means restorable everywhere': wasabi has other bytes (test_1.py::test_reads_back)"
    assert (broken in done.stdout) == bool(status)
    assert json.loads((home / "verdict.json").read_text())["change"]["headline"] == said


def test_what_takes_its_process_with_it_each_time_is_not_unchanged(home: Path) -> None:
    """Though another scenario fails, before and now."""
    former, module = home / "former.nix", home / "module.nix"
    for file in (former, module):
        file.write_text(_UNSAFE)
    fatal = "import os\ndef test_fatal(trial):\n    os._exit(7)\n"
    done = ran(home, _READS_BACK, fatal, words=("--module", module, "--baseline", former))
    assert done.exit_code == 2, done.output
    assert done.stdout.splitlines()[-3:] == [
        "not judged  before: it began and did not end, as where its process crashes (test_1.py::test_fatal)",
        "as before   1 still wrong, or not asked any more",
        "the change cannot be judged: 1 scenario has no verdict on both",
    ]


def test_a_baseline_is_an_earlier_commit(repository: Path) -> None:
    with options_of("HEAD", Options(module=repository / "backup/module.nix")) as former:
        assert former.module
        assert former.module.read_text() == "import ./other.nix # before\n"
        assert (former.module.parent / "other.nix").is_file()
        assert not former.module.is_relative_to(repository)
    assert not former.module.exists()


@pytest.mark.parametrize("program", ["git", "tar"])
@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("exec sleep 60", "{} did not end within {:g} s; try again, or name a file"),
        ("exit 127", "a commit needs {}; install it, or name a file"),
        ("echo no room >&2; exit 2", "no room"),
    ],
)
def test_a_commit_that_cannot_be_had(
    repository: Path, monkeypatch: pytest.MonkeyPatch, stand_in: StandIn, program: str, script: str, sentence: str
) -> None:
    limit = 2 if program == "tar" else 0.2  # of git too, which has its say before tar
    if "sleep" in script:
        monkeypatch.setattr("harness.cli.baseline._LIMIT", limit)
    stand_in(program, script)
    with (
        pytest.raises(BaselineError, match=f"--baseline: .*{sentence.format(program, limit)}"),
        options_of("HEAD", Options(module=repository / "backup/module.nix")),
    ):
        pass


def test_a_baseline_is_another_file(repository: Path) -> None:
    other = repository / "backup/other.nix"
    with options_of(str(other), Options(module=repository / "backup/module.nix")) as former:
        assert (former.module, former.site) == (other, None)
    with options_of(str(other), Options(site=repository / "backup/module.nix")) as former:
        assert (former.module, former.site) == (None, other)


@pytest.mark.parametrize(
    ("baseline", "file", "sentence"),
    [
        ("HEAD~7", "backup/module.nix", "HEAD~7 is neither a file nor a commit of"),
        ("HEAD", "backup/added.nix", "in HEAD of .* there is no backup/added.nix"),
        ("HEAD", "../alone.nix", "alone.nix is in no git repository, and HEAD no file"),
    ],
)
def test_no_such_baseline(repository: Path, baseline: str, file: str, sentence: str) -> None:
    (repository.parent / "alone.nix").touch()
    with (
        pytest.raises(BaselineError, match=sentence),
        options_of(baseline, Options(module=(repository / file).resolve())),
    ):
        pass
