"""The flake as far as it can be looked at without nixpkgs: it parses, and makes a check of each scenario file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from harness.deadline import Deadline
from harness.guest.nix import nix
from tests.guest.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = ("examples", "modules", "nix", "nixos-tests")
FILES = [ROOT / "flake.nix", *sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.nix"))]
GATE = f"""arguments: builtins.attrNames (import {ROOT}/nix/mk-gate.nix {{ nixpkgs = null; }} (
  {{ pkgs.lib = import {ROOT}/nixos-tests/debian/lib; }} // arguments
))"""


def instantiate(store: Path, *arguments: str) -> tuple[int, str, str]:
    ended = nix("nix-instantiate", arguments, store=store, deadline=Deadline(60))
    return ended.returncode, ended.stdout, ended.stderr


def test_every_file_parses(store: Path) -> None:
    status, _, said = instantiate(store, "--parse", *map(str, FILES))
    assert status == 0, said


def test_there_is_a_check_for_each_file_of_scenarios(store: Path) -> None:
    status, names, said = instantiate(store, "--eval", "--strict", "--json", "--expr", f"({GATE}) {{ }}")
    assert status == 0, said
    files = (ROOT / "scenarios").glob("test_*.py")
    assert json.loads(names) == sorted(f"gate-{path.stem.removeprefix('test_').replace('_', '-')}" for path in files)


@pytest.mark.parametrize(
    ("scenarios", "sentence"),
    [('[ "secrecy" ]', ""), ('[ "secrets" ]', "mkGate: there are no scenarios secrets; there are encryption,")],
)
def test_scenarios_are_chosen_by_name(store: Path, scenarios: str, sentence: str) -> None:
    expression = f"({GATE}) {{ scenarios = {scenarios}; }}"
    status, names, said = instantiate(store, "--eval", "--strict", "--json", "--expr", expression)
    assert sentence in said
    assert (status == 0) == (not sentence)
    assert status or json.loads(names) == ["gate-secrecy"]


def test_the_lock_pins_what_the_flake_asks_for() -> None:
    nodes = json.loads((ROOT / "flake.lock").read_text())["nodes"]
    original = nodes["nixpkgs"]["original"]
    asked = f'"{original["type"]}:{original["owner"]}/{original["repo"]}/{original["ref"]}"'
    assert f"inputs.nixpkgs.url = {asked}" in (ROOT / "flake.nix").read_text()
