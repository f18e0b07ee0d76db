"""The flake as far as it can be tested without nixpkgs: it parses, and makes a check for each scenario file."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from harness.host.deadline import Deadline
from harness.mutants.catalogue import load
from harness.site.nix import nix
from tests.site.conftest import ROOT

FOLDERS = ("examples", "modules", "nix", "nixos-tests")
FILES = [ROOT / "flake.nix", *sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.nix"))]
GATE = f"""arguments: builtins.attrNames (import {ROOT}/nix/mk-gate.nix {{ nixpkgs = null; }} (
  {{ pkgs.lib = import {ROOT}/nix/debian/lib; }} // arguments
)).checks"""


def instantiate(nix_store: Path, *arguments: str) -> tuple[int, str, str]:
    ended = nix("nix-instantiate", arguments, nix_store=nix_store, deadline=Deadline(60))
    return ended.returncode, ended.stdout, ended.stderr


def test_every_file_parses(nix_store: Path) -> None:
    status, _, said = instantiate(nix_store, "--parse", *map(str, FILES))
    assert status == 0, said


@pytest.mark.parametrize(
    ("scenarios", "sentence"),
    [
        ('[ "secrecy" ]', ""),
        ('[ "secrets" ]', "mkGate: there are no scenarios secrets; there are consistency, encryption,"),
    ],
)
def test_scenarios_are_chosen_by_name(nix_store: Path, scenarios: str, sentence: str) -> None:
    expression = f"({GATE}) {{ scenarios = {scenarios}; }}"
    status, names, said = instantiate(nix_store, "--eval", "--strict", "--json", "--expr", expression)
    assert sentence in said
    assert (status == 0) == (not sentence)
    assert status or json.loads(names) == ["gate-secrecy"]


def test_the_lock_pins_what_the_flake_asks_for() -> None:
    nodes = json.loads((ROOT / "flake.lock").read_text())["nodes"]
    original = nodes["nixpkgs"]["original"]
    asked = f'"{original["type"]}:{original["owner"]}/{original["repo"]}/{original["ref"]}"'
    assert f"inputs.nixpkgs.url = {asked}" in (ROOT / "flake.nix").read_text()


# The type stubs needed, by import.
STUBS = {"boto3-stubs", "mypy-boto3-s3", "types-psutil"}


@pytest.mark.parametrize(
    "environment",
    ["(import {nix}/lint.nix {{ inherit pkgs; }}).types", "pkgs.callPackage {nix}/shell.nix {{ }}"],
    ids=["check", "shell"],
)
def test_types_are_checked_with_stubs_that_nixpkgs_has(nix_store: Path, environment: str) -> None:
    nested = evaluated(nix_store, f"builtins.concatLists (builtins.filter builtins.isList ({environment}))")
    names = {name for name in nested if isinstance(name, str)}
    assert {name for name in names if "stubs" in name or "types" in name or name.startswith("mypy-")} == STUBS
    assert {"mypy", "pytest"} <= names


def test_types_are_right_without_the_stubs_that_nixpkgs_has_not(tmp_path: Path) -> None:
    """With them they are checked by `./run test`."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], timeout=60, check=True)
    (here,) = tmp_path.glob("lib/python*/site-packages")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "pexpect-stubs" not in entry.name:
            (here / entry.name).symlink_to(entry)
    mypy = [sys.executable, "-m", "mypy", f"--python-executable={tmp_path}/bin/python", f"--cache-dir={tmp_path}/cache"]
    checked = subprocess.run(
        [*mypy, "harness/machine/console.py", "tests/lifecycle/test_keep.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("check", ["lint", "mutants-4", "nixfmt", "shellcheck", "types", "unit"])
def test_each_check_asks_for_what_nixpkgs_has(nix_store: Path, check: str) -> None:
    assert evaluated(nix_store, f"(import {{nix}}/lint.nix {{{{ inherit pkgs; }}}}).{check}")


def test_the_parts_of_the_mutants_are_all_that_need_no_machine(nix_store: Path) -> None:
    checks = "import {nix}/lint.nix {{ pkgs = pkgs // {{ runCommand = _: _: script: script; }}; }}"
    scripts = evaluated(
        nix_store, f'let checks = {checks}; in map (n: checks."mutants-${{{{n}}}}") [ "1" "2" "3" "4" ]'
    )
    parts = [re.findall(r"--id (\S+)", script) for script in scripts]
    unit = ("tests/archive/", "tests/database/", "tests/modules/", "tests/store/")
    native = [each.id for each in load() if all(test.startswith(unit) for test in each.tests) and not each.equivalent]
    assert sorted(itertools.chain(*parts)) == sorted(native)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_file_of_scenarios_has_more_than_the_hour_of_the_test_driver(nix_store: Path) -> None:
    """It boots a machine for each, which takes minutes under emulation."""
    record = """(import {root}/nixos-tests/driven.nix {{
      pkgs = pkgs // {{
        testers.runNixOSTest = test: [ test.globalTimeout test.meta.timeout ];
      }};
      scenario = "round_trip"; module = null; site = null; told = {{ }};
    }})"""
    assert all(limit >= 6 * 3600 for limit in evaluated(nix_store, record))


@pytest.mark.parametrize("of_nixos", ["", "root=fstab "], ids=["a script", "systemd"])
def test_the_guest_has_the_root_device_of_its_stage_1(nix_store: Path, tmp_path: Path, of_nixos: str) -> None:
    """With a second root= the result would depend on their order."""
    toplevel, evaluator = tmp_path / "toplevel", tmp_path / "nixpkgs" / "nixos" / "lib" / "eval-config.nix"
    toplevel.mkdir()
    (toplevel / "kernel-params").write_text(f"{of_nixos}console=ttyS0")
    evaluator.parent.mkdir(parents=True)
    evaluator.write_text(f'_: {{ config.system.build.toplevel = "{toplevel}"; }}')
    guest = f"""[ (import {{nix}}/guest.nix {{{{
      nixpkgs = {tmp_path}/nixpkgs;
      pkgs = pkgs // {{{{
        callPackage = _: _: "root";
        qemu-utils = "";
        writeTextDir = _: _: "manifest";
        runCommand = _: environment: script: {{{{ inherit (environment) toplevel; inherit script; }}}};
      }}}};
    }}}} {{{{ }}}}) ]"""
    (found,) = evaluated(nix_store, guest)
    (line,) = [line for line in found["script"].splitlines() if line.endswith('> "$out/cmdline"')]
    subprocess.run(
        ["sh", "-c", line],
        env={"out": str(tmp_path), "toplevel": found["toplevel"], "PATH": os.defpath},
        timeout=10,
        check=True,
    )
    assert (tmp_path / "cmdline").read_text() == f"init={toplevel}/init {of_nixos}console=ttyS0\n"


def evaluated(nix_store: Path, expression: str) -> list[Any]:
    text = expression.format(nix=ROOT / "nix", root=ROOT)
    status, printed, said = instantiate(
        nix_store,
        "--eval",
        "--strict",
        "--json",
        "--expr",
        f"let pkgs = import {ROOT}/tests/site/nixpkgs.nix; in {text}",
    )
    assert status == 0, said
    found: list[Any] = json.loads(printed)
    return found
