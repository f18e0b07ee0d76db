"""What lib.mkGate returns: checks, each with the records that it judges, and one report of all records."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from harness.host.deadline import Deadline
from harness.site.nix import nix
from tests.site.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# A package set in which a NixOS test is what it tests, and another derivation is what it is made of. A guest's path is
# what it is built from.
MADE = """
let
  inherit (pkgs) lib;
  pkgs = import {root}/tests/site/nixpkgs.nix // {{
    testers.runNixOSTest = test: {{
      inherit (test) name;
      site = builtins.head test.nodes.machine.imports;
      module = builtins.elemAt test.nodes.machine.imports 1;
      script = test.testScript {{ nodes.machine = {{ gate.manifest = {{ }}; warnings = [ ]; }}; }};
    }};
    python3.withPackages = _: "python3";
    writeTextDir = _: text: text;
    writeText = _: text: text;
    writeShellApplication = application: application;
    stdenv.hostPlatform = {{ system = "{system}"; isx86_64 = "{system}" == "x86_64-linux"; }};
    runCommand = name: environment: script:
      {{ inherit name; }} // environment // environment.passthru or {{ }}
      // lib.optionalAttrs (environment ? root) {{ outPath = environment.toplevel; }};
    linkFarm = _: entries: entries;
    callPackage = file: arguments:
      if file == {root}/nix/application.nix then "pg-archive-gate"
      else if arguments ? storePaths then "root"
      else import file ({{
        inherit (pkgs) lib linkFarm runCommand callPackage;
      }} // arguments);
  }};
  gate = import {root}/nix/mk-gate.nix {{ nixpkgs = {nixpkgs}; }} ({{
    inherit pkgs;
    site = "/site.nix";
    module.is = "now";
    scenarios = [ "round_trip" "key_rights" ];
  }} // {arguments});
in
"""
EVALUATOR = "nixpkgs/nixos/lib/eval-config.nix"
# nixpkgs' evaluation of a system, of which only what it is made of is known.
SYSTEM = """
{ modules, ... }:
let
  said = value: if builtins.isPath value then toString value else value;
in
{
  config = {
    gate.manifest = { };
    warnings = [ ];
    system.build.toplevel = builtins.toJSON {
      site = said (builtins.head modules);
      module = map said (builtins.elemAt modules 1).imports or [ ];
    };
  };
}
"""
CHECKS = ["gate-key-rights", "gate-round-trip"]


Evaluated = Callable[..., tuple[Any, str]]


@pytest.fixture
def evaluated(nix_store: Path, tmp_path: Path) -> Evaluated:
    """Return what an expression is, None if it is refused, and what Nix said."""
    evaluator = tmp_path / EVALUATOR
    evaluator.parent.mkdir(parents=True)
    evaluator.write_text(SYSTEM)

    def evaluated(arguments: str, expression: str, system: str = "x86_64-linux") -> tuple[Any, str]:
        text = MADE.format(root=ROOT, nixpkgs=tmp_path / "nixpkgs", arguments=arguments, system=system)
        command = ["--eval", "--strict", "--json", "--expr", text + expression]
        ended = nix("nix-instantiate", command, nix_store=nix_store, deadline=Deadline(60))
        return None if ended.returncode else json.loads(ended.stdout), ended.stderr

    return evaluated


def told(text: str) -> dict[str, Any]:
    """What the harness is told by the script of a record."""
    found: dict[str, Any] = json.JSONDecoder().raw_decode(text, text.index("{"))[0]
    return found


def test_what_a_flake_takes_over_has_the_names_of_its_outputs(evaluated: Evaluated) -> None:
    found, said = evaluated("{ }", "map builtins.attrNames [ gate gate.checks gate.packages ]")
    assert found == [["checks", "packages"], CHECKS, ["report"]], said


def test_the_report_is_of_the_records_of_all_checks(evaluated: Evaluated) -> None:
    """Of those that always succeed: a report of what failed could never be built."""
    found, said = evaluated("{ }", "{ inherit (gate) checks; inherit (gate.packages) report; }")
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
    evaluated: Evaluated, baseline: str, site: str, module: str
) -> None:
    wanted = "{ inherit (gate) checks; inherit (gate.packages) report; }"
    found, said = evaluated(f"{{ baseline = {baseline}; }}", wanted)
    assert found, said
    baselines = {"site": site, "module": {"is": module}}
    driven, thawed = found["checks"]["gate-round-trip"], found["checks"]["gate-key-rights"]
    for kind, of in (("record", {"site": "/site.nix", "module": {"is": "now"}}), ("baseline", baselines)):
        assert [driven[kind]["site"], driven[kind]["module"]["imports"]] == [of["site"], [of["module"]]]
        assert json.loads(told(thawed[kind]["driver"]["text"])["guest"]) == of | {"module": [of["module"]]}
    assert driven["nativeBuildInputs"] == thawed["nativeBuildInputs"] == ["pg-archive-gate"]
    for kind, records in (("record", "records"), ("baseline", "baseline")):
        assert found["report"][records] == {name: check[kind] for name, check in found["checks"].items()}


def test_a_misspelt_baseline_is_refused(evaluated: Evaluated) -> None:
    found, said = evaluated("{ baseline.modul = ./x.nix; }", "gate.checks.gate-key-rights.baseline")
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
    evaluated: Evaluated, tmp_path: Path, arguments: str, module: str, site: str
) -> None:
    """Without the place in the Nix store, which differs after each commit: then all would be judged again."""
    (tmp_path / EVALUATOR).write_text('_: { config.system.build.toplevel = "of files that are not there"; }')
    found, said = evaluated(
        arguments, "builtins.mapAttrs (_: check: check.record.script or check.record.driver.text) gate.checks"
    )
    assert found, said
    for name, text in found.items():
        again = f"nix run .#checks.x86_64-linux.{name}.record.driver"
        assert told(text)["judged"] == {"module": module, "site": site, "again": again}


@pytest.mark.parametrize(
    ("argument", "driven"),
    [
        ("{ }", {"gate-round-trip"}),
        ('{ testDriver = "all"; }', set(CHECKS)),
        ('{ testDriver = [ "key_rights" ]; }', {"gate-key-rights"}),
        ("{ testDriver = [ ]; }", set()),
    ],
)
def test_one_boot_serves_a_file_of_scenarios_unless_it_is_for_the_test_driver(
    evaluated: Evaluated, argument: str, driven: set[str]
) -> None:
    found, said = evaluated(argument, "gate.checks")
    assert found, said
    assert {name for name, check in found.items() if "script" in check["record"]} == driven
    for check in found.values():
        record = check["record"]
        if "driver" in record:
            assert record["requiredSystemFeatures"] == ["nixos-test", "kvm"]
            assert {"python3", "qemu", "rclone"} <= set(record["driver"]["runtimeInputs"])
            assert told(record["driver"]["text"])["scenarios"].endswith(
                f"/test_{record['name'].removeprefix('gate-')}.py"
            )


def test_the_harness_has_no_machine_but_a_pc(evaluated: Evaluated) -> None:
    found, said = evaluated("{ testDriver = [ ]; }", "gate.checks", "aarch64-linux")
    assert found, said
    assert all("script" in check["record"] for check in found.values())


def test_scenarios_that_there_are_not_are_refused(evaluated: Evaluated) -> None:
    for argument in ("scenarios", "testDriver"):
        found, said = evaluated(f'{{ {argument} = [ "round_tripp" ]; }}', "gate.checks")
        assert found is None
        assert "mkGate: there are no scenarios round_tripp; there are " in said


class _Collector:
    """A plugin that sorts scenarios by whether a check judges them."""

    def __init__(self) -> None:
        self.judged: list[str] = []
        self.unjudged: list[str] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            assert isinstance(item, pytest.Function)
            other = "elsewhere" in item.fixturenames or (hasattr(item, "callspec") and "gate" in item.callspec.params)
            (self.unjudged if other else self.judged).append(item.path.stem.removeprefix("test_"))


def test_no_check_is_green_because_it_skips_all(evaluated: Evaluated) -> None:
    """Every scenario about another site or another machine is skipped in a check."""
    found = _Collector()
    words = ["-c", os.devnull, f"--rootdir={ROOT}", "--collect-only", "-q", "-p", "no:cacheprovider"]
    assert pytest.main([*words, str(ROOT / "scenarios")], plugins=[found]) == pytest.ExitCode.OK
    checks, said = evaluated('{ scenarios = "all"; }', "builtins.attrNames gate.checks")
    assert checks == sorted(f"gate-{name.replace('_', '-')}" for name in set(found.judged)), said
    counted = f"{len(found.unjudged)} of {len(found.judged + found.unjudged)}"
    assert counted in (ROOT / "docs" / "not-proven.md").read_text("utf-8"), counted
    for name in set(found.unjudged) - set(found.judged):
        refused, said = evaluated(f'{{ scenarios = [ "{name}" ]; }}', "gate.checks")
        assert refused is None
        assert f"mkGate: a check cannot judge {name}, which needs another site" in said
