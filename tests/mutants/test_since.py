"""After a change, only those mutants are judged again that it may concern."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import GateError
from harness.mutants import since
from harness.mutants.since import changed, concerned
from tests.mutants.mutants import mutant

if TYPE_CHECKING:
    from tests.conftest import StandIn

A = mutant(id="a", tests=("tests/store/test_a.py::test_a", "tests/store/test_b.py::test_b[x]"))
C = mutant(id="c", tests=("tests/trial/test_c.py::test_c",))


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ([], []),
        (["docs/mutants.md", "README.md", "bench/x.py", "nix/lint.nix"], []),
        (["tests/store/test_z.py"], []),
        (["tests/store/test_b.py", "docs/mutants.md"], [A]),
        (["tests/trial/test_c.py", "tests/store/test_a.py"], [A, C]),
        (["scenarios/test_host.py"], [A, C]),
        (["harness/errors.py"], [A, C]),
        (["modules/pg-db-archive.nix"], [A, C]),
        (["mutants/catalogue.toml"], [A, C]),
        (["examples/article/pg-db-archive.nix"], [A, C]),
        (["requirements.lock"], [A, C]),
        (["tests/store/conftest.py"], [A, C]),
        (["tests/store/test_data.json"], [A, C]),
    ],
)
def test_who_is_concerned(files: list[str], found: list[object]) -> None:
    assert concerned([A, C], files) == found


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A branch of one commit, from a main that went on."""

    def git(*words: str) -> None:
        name = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
        subprocess.run(["git", "-C", tmp_path, *name, *words], check=True, capture_output=True, timeout=60)

    def commit(file: str) -> None:
        (tmp_path / file).write_text("1\n")
        git("add", file)
        git("commit", "--message", file)

    git("init")
    commit("old")
    git("switch", "--create", "branch")
    commit("committed")
    git("switch", "main")
    commit("elsewhere")
    git("switch", "branch")
    (tmp_path / "old").write_text("2\n")
    (tmp_path / ".gitignore").write_text("made\n")
    for new in ("new", "made"):
        (tmp_path / new).touch()
    return tmp_path


def test_what_changed_since_the_branch_began(repository: Path) -> None:
    """Also what is not committed or not yet known to git, and not what the others did meanwhile."""
    assert changed("main", repository) == {"committed", "old", "new", ".gitignore"}
    assert changed("HEAD", repository) == {"old", "new", ".gitignore"}


@pytest.mark.parametrize("revision", ["nothing", "--no-index", "0" * 40])
def test_a_revision_that_is_none(repository: Path, revision: str) -> None:
    with pytest.raises(GateError, match=f"--since {revision}: "):
        changed(revision, repository)


def test_git_that_does_not_end(repository: Path, monkeypatch: pytest.MonkeyPatch, stand_in: StandIn) -> None:
    monkeypatch.setattr(since, "_LIMIT", 0.2)
    stand_in("git", "exec sleep 60")
    with pytest.raises(GateError, match=r"--since main: git did not end within 0\.2 s; try again, or leave it out"):
        changed("main", repository)
