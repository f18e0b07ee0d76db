"""nixos-tests/under-test.nix: what a file given as the module under test may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.site.conftest import Bench

UNIT = "postgresqlBackup-db1.service"


def test_other_function_takes_its_place(bench: Bench) -> None:
    function = "{ config, pkgs, dbName, fileEncKey, fileRclone }:"
    site = bench.evaluate(function + " { ExecStartPost = ''/bin/archive ${dbName} ${fileEncKey}\n''; }")
    assert b"\nExecStartPost=/bin/archive db1 /run/secrets/keys/db1\n" in site.read(
        f"{site.toplevel}/etc/systemd/system/{UNIT}"
    )


def test_module_takes_its_place(bench: Bench) -> None:
    site = bench.evaluate('{ systemd.services."postgresqlBackup-db1".serviceConfig.ExecStartPost = "/bin/mine"; }')
    assert b"\nExecStartPost=/bin/mine\n" in site.read(f"{site.toplevel}/etc/systemd/system/{UNIT}")
    assert b"ExecStartPost" not in site.read(f"{site.toplevel}/etc/systemd/system/postgresqlBackup-db2.service")
