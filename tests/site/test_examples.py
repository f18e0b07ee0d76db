"""The examples evaluate: hosts on the debian guest's modules, flakes with stubbed inputs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.host.deadline import Deadline
from harness.site.nix import nix
from tests.site.conftest import ROOT

if TYPE_CHECKING:
    from tests.site.conftest import Bench

EXAMPLES = ROOT / "examples"

# The sops-nix options that the example sets.
SOPS = """
{ lib, config, ... }: {
  options.sops = {
    defaultSopsFile = lib.mkOption { type = lib.types.path; };
    age.sshKeyPaths = lib.mkOption { type = lib.types.listOf lib.types.str; };
    secrets = lib.mkOption {
      type = lib.types.attrsOf (lib.types.submodule ({ name, ... }: {
        options.path = lib.mkOption { default = "/run/secrets/${name}"; };
      }));
    };
  };
}
"""

# The agenix options that the example sets.
AGENIX = """
{ lib, ... }: {
  options.age.secrets = lib.mkOption {
    type = lib.types.attrsOf (lib.types.submodule ({ name, ... }: {
      options.file = lib.mkOption { type = lib.types.path; };
      options.path = lib.mkOption { default = "/run/agenix/${name}"; };
    }));
  };
}
"""

# The host does not need the contract; the evaluator requires it of any site.
HOST = """
{{ pkgs, ... }}: {{
  imports = [ {root}/nixos-tests/contract.nix {root}/modules/postgresql-archive {modules} ];
  services.postgresql.package = pkgs.postgresql;
  gate.rcloneConfig = "/run/secrets/rclone/database-archive.conf";
  gate.archives.shop.passphraseFile = "/run/secrets/keys/shop";
}}
"""


@pytest.mark.parametrize(
    ("folder", "options", "passphrase", "rclone"),
    [
        ("", "", "/run/secrets/keys/shop", "/run/secrets/rclone/database-archive.conf"),
        ("sops-nix", SOPS, "/run/secrets/keys/shop", "/run/secrets/rclone/database-archive.conf"),
        ("agenix", AGENIX, "/run/agenix/shop-passphrase", "/run/agenix/rclone"),
    ],
    ids=["plain files", "sops-nix", "agenix"],
)
def test_the_host_archives_its_database(bench: Bench, folder: str, options: str, passphrase: str, rclone: str) -> None:
    # Without secrets.nix, the configuration says itself where they are.
    host = (EXAMPLES / "flake" / "configuration.nix").read_text()
    if folder:
        host = re.sub(r"\n    (rcloneConfigFile|databases\.shop\.passphraseFile) = .*", "", host)
    modules = [bench.write(host, "configuration.nix")]
    if folder:
        modules += [EXAMPLES / folder / "secrets.nix", bench.write(options, "options.nix")]
    site = bench.evaluate(site=bench.write(HOST.format(root=ROOT, modules=" ".join(map(str, modules))), "host.nix"))
    unit = site.read(f"{site.toplevel}/etc/systemd/system/postgresqlBackup-shop.service").decode()
    assert f"\nLoadCredential=passphrase:{passphrase}\n" in unit
    assert f"\nLoadCredential=rclone.conf:{rclone}\n" in unit
    assert site.archives["shop"].companions == (".manifest",)


def test_scenarios_are_run_for_the_databases_of_the_host(bench: Bench) -> None:
    host = bench.write(HOST.format(root=ROOT, modules=EXAMPLES / "flake" / "configuration.nix"), "host.nix")
    collected = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "--gate-site", host, "scenarios/test_round_trip.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    ids = [line for line in collected.stdout.splitlines() if "::" in line]
    assert ids == ["scenarios/test_round_trip.py::test_round_trip[shop]"], collected.stdout + collected.stderr


# A flake's outputs, with inputs that return their arguments.
CALLED = """
let
  mkGate = arguments: {{
    checks = builtins.attrNames arguments;
    packages.report = builtins.attrNames arguments;
  }};
  outputs = (import {flake}).outputs {{
    nixpkgs.lib.nixosSystem = system: {{ inherit system; }};
    nixpkgs.legacyPackages.x86_64-linux = {{ }};
    pg-archive-gate = {{
      outPath = "{root}";
      nixosModules.default = {{ }};
      lib = {{ inherit mkGate; }};
    }};
  }};
in [ outputs.checks.x86_64-linux outputs.packages.x86_64-linux.report ]
"""


@pytest.mark.parametrize(
    ("example", "judged", "reported"),
    [
        ("flake", {"site"}, {"site"}),
        ("age", {"site"}, {"site"}),
        ("restic", {"site"}, {"site"}),
        ("article", {"module", "baseline"}, {"module"}),
    ],
)
def test_the_flake_asks_for_the_gate_as_it_takes_it(
    nix_store: Path, example: str, judged: set[str], reported: set[str]
) -> None:
    """Its checks and its report are those that the gate returns."""
    asked = evaluated(nix_store, CALLED.format(flake=EXAMPLES / example / "flake.nix", root=ROOT))
    taken = evaluated(
        nix_store, f"builtins.attrNames (builtins.functionArgs (import {ROOT}/nix/mk-gate.nix {{ nixpkgs = null; }}))"
    )
    assert [set(names) - {"pkgs"} for names in asked] == [judged, reported]
    assert all(set(names) <= set(taken) for names in asked)


def test_the_host_is_one_that_nixos_can_boot(nix_store: Path) -> None:
    """`nix flake check` builds it: NixOS refuses a system without a root file system or a boot loader."""
    system = CALLED.format(flake=EXAMPLES / "flake" / "flake.nix", root=ROOT).replace(
        "[ outputs.checks.x86_64-linux outputs.packages.x86_64-linux.report ]",
        """let
          read = module: if builtins.isPath module then import module else module;
          modules = builtins.filter builtins.isAttrs (map read outputs.nixosConfigurations.database.system.modules);
          has = path: builtins.any (module: builtins.foldl' (set: name: set.${name} or { }) module path != { }) modules;
        in map has [ [ "fileSystems" "/" ] [ "boot" "loader" ] ]""",
    )
    assert evaluated(nix_store, system) == [True, True]


def evaluated(nix_store: Path, expression: str) -> list[Any]:
    ended: subprocess.CompletedProcess[str] = nix(
        "nix-instantiate",
        ["--eval", "--strict", "--json", "--expr", expression],
        nix_store=nix_store,
        deadline=Deadline(60),
    )
    assert ended.returncode == 0, ended.stderr
    found: list[Any] = json.loads(ended.stdout)
    return found
