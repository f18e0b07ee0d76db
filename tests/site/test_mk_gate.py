"""What lib.mkGate returns: checks, each with the records that it judges, and one report of all records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from harness.host.deadline import Deadline
from harness.site.nix import nix
from tests.site.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# A package set in which a NixOS test is what it tests, and another derivation is what it is made of.
MADE = """
let
  pkgs = import {root}/tests/site/nixpkgs.nix // {{
    testers.runNixOSTest = test: {{
      inherit (test) name;
      site = builtins.head test.nodes.machine.imports;
      module = builtins.elemAt test.nodes.machine.imports 1;
      script = test.testScript {{ nodes.machine = {{ gate.manifest = {{ }}; warnings = [ ]; }}; }};
    }};
    writeTextDir = _: text: text;
    stdenv.hostPlatform.system = "x86_64-linux";
    runCommand = name: environment: _: {{ inherit name; }} // environment // environment.passthru or {{ }};
    linkFarm = _: entries: entries;
    callPackage = file: arguments:
      if file == {root}/nix/application.nix then "pg-archive-gate" else import file ({{
        inherit (pkgs) lib linkFarm runCommand callPackage;
      }} // arguments);
  }};
  gate = import {root}/nix/mk-gate.nix {{ nixpkgs = null; }} ({{
    inherit pkgs;
    site = "/site.nix";
    module.is = "now";
    scenarios = [ "round_trip" "key_rights" ];
  }} // {arguments});
in
"""
CHECKS = ["gate-key-rights", "gate-round-trip"]


def evaluated(nix_store: Path, arguments: str, expression: str) -> tuple[Any, str]:
    """Return what the expression is, None if it is refused, and what Nix said."""
    ended = nix(
        "nix-instantiate",
        ["--eval", "--strict", "--json", "--expr", MADE.format(root=ROOT, arguments=arguments) + expression],
        nix_store=nix_store,
        deadline=Deadline(60),
    )
    return None if ended.returncode else json.loads(ended.stdout), ended.stderr


def test_what_a_flake_takes_over_has_the_names_of_its_outputs(nix_store: Path) -> None:
    found, said = evaluated(nix_store, "{ }", "map builtins.attrNames [ gate gate.checks gate.packages ]")
    assert found == [["checks", "packages"], CHECKS, ["report"]], said


def test_the_report_is_of_the_records_of_all_checks(nix_store: Path) -> None:
    """Of those that always succeed: a report of what failed could never be built."""
    found, said = evaluated(nix_store, "{ }", "{ inherit (gate) checks; inherit (gate.packages) report; }")
    assert found, said
    records = {name: check["record"] for name, check in found["checks"].items()}
    assert [record["name"] for record in records.values()] == ["gate-key_rights", "gate-round_trip"]
    assert found["report"]["records"] == records
    assert found["report"]["baseline"] == ""
    assert all("baseline" not in check for check in found["checks"].values())


@pytest.mark.parametrize(
    ("baseline", "site", "module"),
    [
        ('{ module.is = "before"; }', "/site.nix", "before"),
        ('{ site = "/before.nix"; }', "/before.nix", "now"),
        ('{ site = "/before.nix"; module.is = "before"; }', "/before.nix", "before"),
    ],
)
def test_a_baseline_is_judged_too_and_the_rest_of_it_is_as_now(
    nix_store: Path, baseline: str, site: str, module: str
) -> None:
    wanted = "{ inherit (gate) checks; inherit (gate.packages) report; }"
    found, said = evaluated(nix_store, f"{{ baseline = {baseline}; }}", wanted)
    assert found, said
    for check in found["checks"].values():
        assert [check["record"]["site"], check["record"]["module"]["imports"]] == ["/site.nix", [{"is": "now"}]]
        assert [check["baseline"]["site"], check["baseline"]["module"]["imports"]] == [site, [{"is": module}]]
        assert check["nativeBuildInputs"] == ["pg-archive-gate"]
    for kind, records in (("record", "records"), ("baseline", "baseline")):
        assert found["report"][records] == {name: check[kind] for name, check in found["checks"].items()}


def test_a_misspelt_baseline_is_refused(nix_store: Path) -> None:
    found, said = evaluated(nix_store, "{ baseline.modul = ./x.nix; }", "gate.checks.gate-key-rights.baseline")
    assert found is None
    assert "unexpected argument 'modul'" in said


STORED = "/nix/store/00000000000000000000000000000000-source"


@pytest.mark.parametrize(
    ("arguments", "module", "site"),
    [
        ("{ module = /etc/nixos/backup/pg.nix; site = /etc/nixos/site.nix; }", "pg.nix", "site.nix"),
        (f"{{ module = {STORED}/backup/pg.nix; site = {STORED}/site.nix; }}", "backup/pg.nix", "site.nix"),
        (f'{{ module = "{STORED}/backup/pg.nix"; }}', "backup/pg.nix", "site.nix"),
        (f"{{ module = {{ }}; site = {ROOT}/nixos-tests/site.nix; }}", "", ""),
        ("{ module = null; site = { }; }", "", ""),
    ],
    ids=["files", "of a flake", "of its input", "not a file", "none"],
)
def test_a_record_names_what_was_judged_as_its_flake_does(
    nix_store: Path, arguments: str, module: str, site: str
) -> None:
    """Without the place in the Nix store, which differs after each commit: then all would be judged again."""
    found, said = evaluated(nix_store, arguments, "gate.checks.gate-key-rights.record.script")
    assert found, said
    told = json.loads(found.splitlines()[0].removeprefix("arguments = "))["judged"]
    again = "nix run .#checks.x86_64-linux.gate-key-rights.record.driver"
    assert told == {"module": module, "site": site, "again": again}
