"""Which mutants a change may concern: all, unless it only touches other tests and what no test reads."""

from __future__ import annotations

import subprocess
from pathlib import PurePath
from typing import TYPE_CHECKING

from harness import resources
from harness.errors import GateError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from harness.mutants.mutant import Mutant

_LIMIT = 60.0  # seconds for git
_OF_ALL = (
    *("conftest.py", "pyproject.toml", "requirements.lock", "examples/", "harness/", "modules/", "mutants/"),
    *("nix/debian/", "nixos-tests/", "scenarios/"),
)


def changed(revision: str, root: Path = resources.ROOT) -> set[str]:
    """Return the files that differ from where the checkout's branch left ``revision``, committed or not.

    Raises:
        GateError: git is missing, does not end, or does not know the revision.
    """
    tracked = _git(root, revision, "diff", "--name-only", "--relative", "--merge-base", revision, "--")
    return tracked | _git(root, revision, "ls-files", "--others", "--exclude-standard")


def _git(root: Path, revision: str, *words: str) -> set[str]:
    try:
        command = ["git", "-C", str(root), *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT, check=False)
    except FileNotFoundError:
        raise GateError("--since: git is missing; install it") from None
    except subprocess.TimeoutExpired:
        message = f"--since {revision}: git did not end within {_LIMIT:g} s; try again, or leave it out"
        raise GateError(message) from None
    if done.returncode:
        raise GateError(f"--since {revision}: {done.stderr.strip()}")
    return set(done.stdout.splitlines())


def concerned(mutants: Collection[Mutant], files: Collection[str]) -> list[Mutant]:
    """Return the mutants whose judgement may be another after a change to these files."""
    if any(map(_concerns_all, files)):
        return list(mutants)
    return [mutant for mutant in mutants if any(test.partition("::")[0] in files for test in mutant.tests)]


def _concerns_all(file: str) -> bool:
    path = PurePath(file)
    helps_tests = path.parts[0] == "tests" and not (path.name.startswith("test_") and path.suffix == ".py")
    return helps_tests or file.startswith(_OF_ALL)
