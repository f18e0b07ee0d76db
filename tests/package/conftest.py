"""The package as users have it: a wheel built from the checkout, in its own environment."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.site.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

_OURS = ("_pg_archive_gate.pth", "harness", "pg_archive_gate-")


def build(source: Path, directory: Path) -> Path:
    """Build the wheel of ``source`` as pip does, with our own environment's build backend."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    built = subprocess.run(
        [*command, f"--wheel-dir={directory}", str(source)], capture_output=True, text=True, timeout=120, check=False
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = directory.glob("*.whl")
    return wheel


@dataclass(frozen=True)
class Environment:
    """An environment with the wheel installed; its programs run in ``directory``, which is not a checkout."""

    root: Path
    directory: Path

    @property
    def packages(self) -> Path:
        """Its site-packages."""
        (found,) = self.root.glob("lib/python*/site-packages")
        return found

    def run(
        self, program: str, *arguments: str, environment: dict[str, str] | None = None, limit: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run one of its programs, for ``limit`` seconds at most."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "GATE_"))}
        return subprocess.run(
            [str(self.root / "bin" / program), *arguments],
            cwd=self.directory,
            env=ours | {"COLUMNS": "400"} | (environment or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )


def _pip(environment: Environment, *arguments: str) -> subprocess.CompletedProcess[str]:
    return environment.run("python", "-m", "pip", *arguments)


def installed(wheel: Path, environment: Environment, without: Sequence[str] = ()) -> None:
    """Install the wheel; its dependencies come from our own environment, to save minutes."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment.root], timeout=60, check=True)
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith((*_OURS, *without)):
            (environment.packages / entry.name).symlink_to(entry)
    (environment.root / "bin" / "rclone").symlink_to(Path(sysconfig.get_path("scripts")) / "rclone")
    ended = _pip(environment, "install", "--quiet", "--no-deps", str(wheel))
    assert ended.returncode == 0, ended.stderr


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the wheel and all that it may use."""
    environment = Environment(tmp_path_factory.mktemp("environment"), tmp_path_factory.mktemp("elsewhere"))
    installed(wheel, environment)
    return environment
