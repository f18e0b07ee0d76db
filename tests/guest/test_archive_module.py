"""modules/postgresql-archive.nix: the system that the function makes, and refusals that name option and mend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.guest.conftest import ROOT

if TYPE_CHECKING:
    from harness.guest.site import Site
    from tests.guest.conftest import Bench

MODULE = ROOT / "modules" / "postgresql-archive.nix"
WIRED = ROOT / "nixos-tests" / "module.nix"


def module(body: str) -> str:
    """The module with both databases archived as the site has it, then ``body``."""
    return f"""{{ lib, ... }}: {{
      imports = [ {WIRED} {{ {body} }} ];
    }}"""


def test_the_module_makes_the_system_that_the_function_makes(bench: Bench, site: Site) -> None:
    """Not only alike: the same store path, so that what is proven of the one holds for the other."""
    assert bench.evaluate(WIRED).toplevel == site.toplevel


def test_the_function_works_wherever_it_is_copied(bench: Bench, site: Site) -> None:
    copy = bench.write((ROOT / "modules" / "pg-db-archive.nix").read_text())
    assert bench.evaluate(copy).toplevel == site.toplevel


def test_the_remote_can_have_another_name(bench: Bench) -> None:
    other = bench.evaluate(module('gate.rcloneRemote = "elsewhere";'))
    unit = other.read(f"{other.toplevel}/etc/systemd/system/postgresqlBackup-db1.service").decode()
    program = unit.split("ExecStartPost=")[1].split("\n")[0]
    assert 'copy "$archive" "elsewhere:/db1/"' in other.read(program).decode()


def test_off_unless_enabled(bench: Bench, site: Site) -> None:
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
    assert "services.postgresqlArchive.remote" in bench.refusal(
        module('services.postgresqlArchive.remote = lib.mkForce "target:";')
    )
