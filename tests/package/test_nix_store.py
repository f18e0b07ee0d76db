"""The flake's package, as far as it can be tested without nixpkgs: the same wheel, which works in the Nix store."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from harness.host import namespaces
from harness.host.deadline import Deadline
from harness.site.nix import nix, place
from tests.package.conftest import Environment, build
from tests.site.conftest import ROOT

_SHELL = Path(__file__).with_name("in-nix-store.sh")

# nixpkgs' own lib.sourceByRegex, which the built-in subset lacks, and the source of the package.
_SOURCE = """
let
  pkgs = import {root}/tests/site/nixpkgs.nix;
  sourceByRegex = source: regexes: builtins.path {{
    path = source;
    name = "source";
    filter = path: _:
      let
        below = builtins.substring (builtins.stringLength (toString source) + 1) (-1) (toString path);
      in builtins.any (regex: builtins.match regex below != null) regexes;
  }};
in (pkgs.callPackage {root}/nix/environment.nix {{
  python3.withPackages = choose: pkgs.python3.withPackages (
    python: choose (python // {{
      callPackage = file: _: let package = import file (
        builtins.mapAttrs (name: _: python.${{name}} or name) (builtins.functionArgs (import file))
        // {{ lib = pkgs.lib // {{ inherit sourceByRegex; }}; inherit (python) moto fetchPypi buildPythonPackage; }}
      ); in {{ dependencies = [ package.src ]; }};
    }})
  );
}})
"""

_INSTANTIATES = """
import sys
from pathlib import Path
from harness import resources
from harness.host.deadline import Deadline
from harness.site.nix import nix
assert str(resources.ROOT).startswith(sys.argv[2]), resources.ROOT
sites = resources.ROOT / "nixos-tests"
arguments = ["--arg", "site", str(sites / "site.nix"), "--arg", "module", str(sites / "module.nix")]
arguments = [str(resources.EVALUATOR), "--attr", "toplevel", *arguments]
done = nix("nix-instantiate", arguments, nix_store=Path(sys.argv[1]), deadline=Deadline(100))
sys.exit(done.stderr) if done.returncode else print(done.stdout)
"""


@pytest.fixture(scope="session")
def nix_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nix")


def test_the_flakes_package_is_the_same_wheel(nix_store: Path, wheel: Path, tmp_path: Path) -> None:
    """It is built from a part of the flake's source."""
    expression = f"builtins.head ({_SOURCE.format(root=ROOT)})"
    found = nix(
        "nix-instantiate",
        ["--eval", "--read-write-mode", "--expr", expression],
        nix_store=nix_store,
        deadline=Deadline(60),
    )
    assert found.returncode == 0, found.stderr
    source = Path(f"{place(nix_store)}/{found.stdout.strip().strip(chr(34))}")
    with zipfile.ZipFile(build(source, tmp_path)) as built, zipfile.ZipFile(wheel) as ours:
        assert sorted(built.namelist()) == sorted(ours.namelist())


def test_a_nixos_guest_has_the_same_programs(nix_store: Path, environment: Environment) -> None:
    """They are the package's own files; in a wheel the Nix file is among them."""

    def programs(root: Path) -> str:
        pkgs = '{ python3 = "python3"; runCommand = _: _: script: script; }'
        expression = f"""
          let services = (import {root}/nixos-tests/harness-guest.nix {{ pkgs = {pkgs}; }}).systemd.services;
          in map (name: services.${{name}}.serviceConfig.ExecStart) [ "pg-archive-gate-agent" "gate-secrets" ]
        """
        said = nix(
            "nix-instantiate",
            ["--eval", "--strict", "--read-write-mode", "--expr", expression],
            nix_store=nix_store,
            deadline=Deadline(60),
        )
        assert said.returncode == 0, said.stderr
        return said.stdout

    assert "-agent.py" in programs(environment.packages / "harness")
    assert programs(environment.packages / "harness") == programs(ROOT)


def test_a_site_is_evaluated_from_there(nix_store: Path, wheel: Path, tmp_path: Path) -> None:
    """The package is in the host's Nix store, the site is built in another one, whose paths have the same names."""
    if refusal := namespaces.refusal():
        pytest.skip(f"no mount namespace can be created: {refusal}; {namespaces.REMEDY}")
    package = tmp_path / "nix" / "store" / f"{'0' * 32}-pg-archive-gate"
    scratch = tmp_path / "scratch"
    for directory in (package, scratch):
        directory.mkdir(parents=True)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(package)
    namespace = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"])]
    inside = [*namespace, str(_SHELL), str(scratch), str(tmp_path / "nix")]
    # Not built: Nix cannot nest its own namespaces in a user's.
    there = instantiated(inside, nix_store, Path("/nix/store") / package.name)
    assert there == instantiated([], nix_store, ROOT)


def instantiated(prefix: list[str], nix_store: Path, root: Path) -> str:
    """Return the path of the site's derivation, as the package that lies in ``root`` evaluates it."""
    ended = subprocess.run(
        [*prefix, sys.executable, "-P", "-c", _INSTANTIATES, str(nix_store), str(root)],
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip().endswith(".drv"), ended.stdout
    return ended.stdout.strip()
