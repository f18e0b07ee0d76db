"""A copy of the checkout with a defect in it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from harness import resources
from harness.mutants.mutant import OWN

if TYPE_CHECKING:
    from harness.mutants.mutant import Mutant

_MADE = shutil.ignore_patterns(".git", ".venv*", ".*_cache", "evidence", "build", "dist", "result*", "*.egg-info")
_FUNCTION = "modules/pg-db-archive.nix"
_WIRED = "nixos-tests/module.nix"


def plant(directory: Path, mutant: Mutant | None, root: Path = resources.ROOT) -> None:
    """Copy the checkout to a new directory, and put the mutant into it; with compiled Python, which is kept if valid.

    Raises:
        ValueError: the mutant does not fit.
    """

    def left_out(place: str, names: list[str]) -> set[str]:
        return _MADE(place, names) if Path(place) == root else set()

    shutil.copytree(root, directory, ignore=left_out, symlinks=True)
    if mutant is not None:
        mutant.put_into(directory)


def module_under_test(mutant: Mutant | None) -> str:
    """Return the Nix file that the scenarios judge for a mutant, from the checkout's root; None: our module."""
    if mutant is not None and (mutant.file == _FUNCTION or mutant.file.startswith(OWN)):
        return mutant.file
    return _WIRED
