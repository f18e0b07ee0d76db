"""Packages: each its own Nix store path, with its own programs and no others."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.guest.image.rootfs import packages
from harness.host.deadline import Deadline
from harness.site.nix import nix
from tests.site.conftest import ROOT
from tests.site.units import search_path

if TYPE_CHECKING:
    from harness.site.built_site import BuiltSite
    from tests.site.conftest import Bench


def programs(site: BuiltSite, directories: list[str]) -> dict[str, str]:
    """What each link in the directories leads to in the guest; the first directory that has it wins."""
    found: dict[str, str] = {}
    for directory in directories:
        path = Path(f"{site.nix_store}{directory}")
        for link in path.iterdir() if path.is_dir() else []:
            if link.is_symlink():
                found.setdefault(link.name, str(link.readlink()))
    return found


@pytest.fixture
def of_the_unit(site: BuiltSite) -> dict[str, str]:
    return programs(site, search_path(site, "postgresqlBackup-db1.service"))


def test_unit_has_its_own_programs(of_the_unit: dict[str, str]) -> None:
    assert of_the_unit["pg_dump"] == "/usr/lib/postgresql/15/bin/pg_dump"
    assert of_the_unit["mv"] == "/usr/bin/mv"
    assert of_the_unit["chroot"] == "/usr/sbin/chroot"


@pytest.mark.parametrize("stranger", ["gpg", "rclone", "gzip", "bash", "sh", "awk", "python3", "curl", "jq", "flock"])
def test_unit_has_no_others(of_the_unit: dict[str, str], stranger: str) -> None:
    assert stranger not in of_the_unit


@pytest.mark.parametrize(
    ("rclone", "program"), [("current", "/usr/lib/pg-archive-gate/rclone"), ("debian", "/usr/bin/rclone")]
)
def test_rclone_is_chosen(bench: Bench, rclone: str, program: str) -> None:
    site = bench.evaluate(rclone=rclone)
    package = next(path for path in site.system.closure if "-rclone-" in path)
    assert programs(site, [f"{package}/bin"]) == {"rclone": program}


def test_shell_is_bash(site: BuiltSite) -> None:
    package = next(path for path in site.system.closure if "-bash-" in path)
    assert programs(site, [f"{package}/bin"]) == {"bash": "/usr/bin/bash", "sh": "/usr/bin/bash"}


def test_shell_application(bench: Bench) -> None:
    site = bench.evaluate(
        """
        { pkgs, ... }:
        {
          environment.systemPackages = [
            (pkgs.writeShellApplication {
              name = "application";
              runtimeInputs = [ pkgs.coreutils ];
              runtimeEnv = { A = "it's"; };
              text = ''echo "$A"; basename /x/y; echo "$UNSET"; echo not here'';
            })
          ];
        }
        """
    )
    package = next(path for path in site.system.closure if path.endswith("-application"))
    script = site.read(f"{package}/bin/application").decode().replace("/nix/store", f"{site.nix_store}/nix/store")
    bash = shutil.which("bash")
    assert bash
    result = subprocess.run([bash], input=script, capture_output=True, text=True, timeout=20, check=False)
    assert result.stdout == "it's\ny\n"
    assert result.returncode != 0
    assert "UNSET: unbound variable" in result.stderr


def test_extensions_are_debian_packages(bench: Bench, site: BuiltSite) -> None:
    other = bench.evaluate("{ services.postgresql.extensions = ps: [ ps.postgis ps.pg_repack ]; }")
    assert other.system.packages == ("postgresql-15-postgis-3", "postgresql-15-repack")
    assert other.base.packages == other.system.packages
    assert site.system.packages == ()


def test_an_extension_that_the_guest_lacks(bench: Bench) -> None:
    said = bench.refusal("{\n  services.postgresql.extensions = ps: [ ps.timescaledb ];\n}")
    assert said == (
        "module.nix:2: attribute 'timescaledb' missing; the debian guest has no PostgreSQL extension of that name "
        "(nix/debian/packages/postgresql-extensions.nix says which it has)"
    )
    said = bench.refusal("{ services.postgresql.extensions = ps: [ ps.pgvector ]; }")
    assert "Debian bookworm has no PostgreSQL extension pgvector; trixie has it: --gate-release trixie" in said


def test_initdb_finds_the_locales(site: BuiltSite) -> None:
    """PostgreSQL has no collation of glibc where `locale -a` cannot be run; the unit's PATH has no locale."""
    package = next(path for path in site.system.closure if path.endswith("-postgresql-15"))
    script = site.read(f"{package}/bin/initdb").decode()
    assert "exec /usr/lib/postgresql/15/bin/initdb" in script
    path = re.findall(r"^PATH=\$PATH:(\S+)$", script, re.MULTILINE)
    assert programs(site, path) == {"locale": "/usr/bin/locale"}


# What every Debian has, or the guest's packages bring.
ALWAYS = {"bash", "coreutils", "diffutils", "findutils", "grep", "gzip", "sed", "systemd", "tar", "util-linux"}


def test_guest_has_the_debian_packages(nix_store: Path) -> None:
    table = ROOT / "nix" / "debian" / "packages" / "programs.nix"
    result = nix(
        "nix-instantiate", ["--eval", "--strict", "--json", str(table)], nix_store=nix_store, deadline=Deadline(60)
    )
    wanted = {package["debian"] for package in json.loads(result.stdout).values()}
    assert wanted <= ALWAYS | set(packages())
