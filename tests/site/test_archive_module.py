"""modules/postgresql-archive.nix: the system that the function makes, and refusals that name option and fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.site.conftest import ROOT
from tests.site.units import lines

if TYPE_CHECKING:
    from harness.site.built_site import BuiltSite
    from tests.site.conftest import Bench

MODULE = ROOT / "modules" / "postgresql-archive.nix"
WIRED = ROOT / "nixos-tests" / "module.nix"


def module(body: str) -> str:
    """The module with both databases archived as in the site, then ``body``."""
    return f"""{{ lib, ... }}: {{
      imports = [ {WIRED} {{ {body} }} ];
    }}"""


def test_the_module_makes_the_system_that_the_function_makes(bench: Bench, site: BuiltSite) -> None:
    """Not only alike: the same store path, so that what is proven of the one holds for the other."""
    assert bench.evaluate(WIRED).toplevel == site.toplevel


def test_the_function_works_wherever_it_is_copied(bench: Bench, site: BuiltSite) -> None:
    copy = bench.write((ROOT / "modules" / "pg-db-archive.nix").read_text())
    assert bench.evaluate(copy).toplevel == site.toplevel


def test_the_remote_can_have_another_name(bench: Bench) -> None:
    other = bench.evaluate(module('gate.rcloneRemote = "elsewhere";'))
    unit = other.read(f"{other.toplevel}/etc/systemd/system/postgresqlBackup-db1.service").decode()
    program = unit.split("ExecStartPost=")[1].split("\n")[0]
    assert 'copy "$archive" elsewhere:/db1/\n' in other.read(program).decode()


def test_off_unless_enabled(bench: Bench, site: BuiltSite) -> None:
    other = bench.evaluate(f"{{ imports = [ {MODULE} ]; }}")
    unit = other.read(f"{other.toplevel}/etc/systemd/system/postgresqlBackup-db1.service").decode()
    assert "ExecStartPost" not in unit
    assert other.toplevel != site.toplevel


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        pytest.param(
            'services.postgresqlArchive.databases.db3.passphraseFile = "/run/secrets/keys/db3";',
            'services.postgresqlArchive.databases.db3 is archived but not backed up; add "db3" to'
            " services.postgresqlBackup.databases and enable services.postgresqlBackup.",
            id="not backed up",
        ),
        pytest.param(
            "services.postgresqlBackup.enable = lib.mkForce false;",
            "services.postgresqlArchive.databases.db1 is archived but not backed up;",
            id="backup off",
        ),
        pytest.param(
            'services.postgresqlBackup.compression = "zstd";',
            'services.postgresqlBackup.compression is "zstd", which services.postgresqlArchive does not support;'
            ' set it to "gzip".',
            id="compression",
        ),
        pytest.param(
            "services.postgresqlArchive.databases = lib.mkForce { };",
            "services.postgresqlArchive is enabled, but services.postgresqlArchive.databases is empty, so that nothing"
            " would be archived; name each database there",
            id="no databases",
        ),
        pytest.param(
            "services.postgresqlBackup.databases = lib.mkForce [ ];",
            "services.postgresqlBackup.backupAll, which is on while services.postgresqlBackup.databases is empty, dumps"
            " all databases into one file, which services.postgresqlArchive does not archive;",
            id="all in one",
        ),
        pytest.param(
            "services.postgresqlArchive.databases.db1.passphraseFile = lib.mkForce ./module.nix;",
            "module.nix, which is or would be copied to the world-readable Nix store; give the path",
            id="path literal",
        ),
        pytest.param(
            'services.postgresqlArchive.databases.db1.passphraseFile = lib.mkForce "${./module.nix}";',
            "services.postgresqlArchive.databases.db1.passphraseFile is /nix/store/",
            id="in the store",
        ),
        pytest.param(
            'services.postgresqlArchive.rcloneConfigFile = lib.mkForce (builtins.toFile "rclone.conf" "");',
            "services.postgresqlArchive.rcloneConfigFile is /nix/store/",
            id="configuration in the store",
        ),
    ],
)
def test_a_failed_assertion_names_the_option_and_the_mend(bench: Bench, body: str, sentence: str) -> None:
    assert sentence in bench.refusal(module(body))


def test_a_mistyped_option_is_named(bench: Bench) -> None:
    refusal = bench.refusal(module('services.postgresqlArchive.databases.db1.passphrasefile = "/x";'))
    assert "services.postgresqlArchive.databases.db1.passphrasefile' does not exist" in refusal


def test_a_remote_has_no_colon(bench: Bench) -> None:
    refusal = bench.refusal(module('services.postgresqlArchive.remote = lib.mkForce "target:";'))
    assert "services.postgresqlArchive.remote' is not of type `name of an rclone remote, without its colon'" in refusal


def test_all_in_one_is_said_once(bench: Bench) -> None:
    assert "not backed up" not in bench.refusal(module("services.postgresqlBackup.databases = lib.mkForce [ ];"))


def test_two_copies_are_one_module(bench: Bench, site: BuiltSite) -> None:
    """As of a flake's input and of a checkout."""
    for name in ("postgresql-archive.nix", "pg-db-archive.nix"):
        bench.write((ROOT / "modules" / name).read_text(), name)
    assert bench.evaluate(module("imports = [ ./postgresql-archive.nix ];")).toplevel == site.toplevel


def test_a_step_of_the_users_own_goes_beside_it(bench: Bench) -> None:
    own = 'systemd.services."postgresqlBackup-db1".serviceConfig.ExecStartPost = "/bin/notify";'
    steps = [
        line.removeprefix("ExecStartPost=STORE/")
        for line in lines(bench.evaluate(module(own)), "postgresqlBackup-db1.service")
        if line.startswith("ExecStartPost=")
    ]
    assert sorted(steps) == ["ExecStartPost=/bin/notify", "pg-db-archive/bin/pg-db-archive"]
