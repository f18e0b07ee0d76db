"""The directories that a user's environment names, and unusable ones: a sentence, never a traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.lifecycle.conftest import ROOT

PROGRAM = str(Path(sysconfig.get_path("scripts")) / "pg-archive-gate")
PYTEST = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly"]


@pytest.mark.parametrize(
    ("command", "status"),
    [([PROGRAM, "prove"], 2), ([PROGRAM, "doctor"], 1), ([*PYTEST, str(ROOT / "scenarios/test_round_trip.py")], 1)],
    ids=["prove", "doctor", "pytest"],
)
def test_a_cache_that_cannot_be_made(command: list[str], status: int, tmp_path: Path) -> None:
    ended = subprocess.run(
        command,
        env=os.environ | {"XDG_CACHE_HOME": "/proc/nowhere", "TMPDIR": str(tmp_path), "COLUMNS": "400"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = " ".join((ended.stdout + ended.stderr).split())
    assert ended.returncode == status, said
    refusal = "the cache /proc/nowhere/pg-archive-gate cannot be created: No such file or directory; set XDG_CACHE_HOME"
    assert refusal in said
    assert "Traceback" not in said


def test_a_checkout_whose_path_has_a_space(tmp_path: Path) -> None:
    """Nix evaluates the site there, and its paths cannot contain spaces."""
    checkout = tmp_path / "back up"
    for part in ("harness", "nix", "nixos-tests", "modules"):
        shutil.copytree(ROOT / part, checkout / part, ignore=shutil.ignore_patterns("__pycache__"))
    evaluates = (
        "from pathlib import Path\n"
        "from harness.site.evaluation import evaluate\n"
        "root, nix_store = Path('back up').resolve(), Path('nix store').resolve()\n"
        "nix_store.mkdir()\n"
        "sites = root / 'nixos-tests'\n"
        "site = evaluate(sites / 'site.nix', module=sites / 'module.nix', nix_store=nix_store)\n"
        "print(*site.databases)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", evaluates],
        env=os.environ | {"PYTHONPATH": str(checkout)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.stdout == "db1 db2\n", ended.stderr
