"""``pg-archive-gate run``: one answer, an exit status, what it leaves. The scenarios have a double for a machine."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.cli.baseline import BaselineError, options_of
from harness.evidence import judging
from harness.options import Options
from tests.plugin.trial_double import BELOW

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

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


def ran(home: Path, *scenarios: str, words: tuple[str, ...] = ()) -> Result:
    for number, scenario in enumerate(scenarios):
        (home / "scenarios" / f"test_{number}.py").write_text(scenario)
    return CliRunner().invoke(app, ["run", "--json", "verdict.json", *words])


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


def test_on_github(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(home / "summary.md"))
    done = ran(home, _BROKEN)
    assert "::error title=breaks 'green means restorable everywhere'::wasabi has no archive of db1 (" in done.stdout
    assert (home / "summary.md").read_text().startswith("### `the default module` breaks 1 of 8 laws in 1 scenario\n")


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


def test_a_baseline_is_an_earlier_commit(repository: Path) -> None:
    with options_of("HEAD", Options(module=repository / "backup/module.nix")) as former:
        assert former.module
        assert former.module.read_text() == "import ./other.nix # before\n"
        assert (former.module.parent / "other.nix").is_file()
        assert not former.module.is_relative_to(repository)
    assert not former.module.exists()


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
