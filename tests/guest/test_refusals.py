"""What an operator reads when a module cannot be evaluated: one sentence, with file and line."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from harness.deadline import Deadline
from harness.guest.complaint import complaint
from harness.guest.evaluation import EvaluationError, evaluate
from harness.guest.nix import NixError, nix
from tests.guest.conftest import SITE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.guest.conftest import Bench

CALL = "an archive function is called with config, pkgs, dbName, fileEncKey and fileRclone"
ARCHIVE = "{ config, pkgs, dbName, fileEncKey, fileRclone }:\n"

FUNCTIONS = {
    "syntax error": (
        ARCHIVE + "{\n  ExecStartPost = ${pkgs.bash};\n}",
        "module.nix:3: syntax error, unexpected DOLLAR_CURLY",
    ),
    "argument that nobody gives": (
        "{ config, pkgs, dbName, fileEncKey, fileRclone, fileOther }: { ExecStartPost = fileOther; }",
        f"module.nix:1: the function asks for the argument `fileOther'; {CALL}",
    ),
    "argument that is not taken": (
        "{ pkgs, dbName, fileEncKey, fileRclone }: { ExecStartPost = fileRclone; }",
        f"module.nix:1: the function does not take the argument `config'; {CALL}",
    ),
    "package that the guest has not": (
        ARCHIVE + '{ ExecStartPost = "${pkgs.rsync}/bin/rsync"; }',
        (
            "module.nix:2: attribute 'rsync' missing; the debian guest does not carry pkgs.rsync "
            "(nixos-tests/debian/packages says what it carries)"
        ),
    ),
    "package by with": (
        ARCHIVE + '{ ExecStartPost = "${with pkgs; rsync}/bin/rsync"; }',
        "module.nix:2: undefined variable 'rsync'; if it means pkgs.rsync, the debian guest does not carry that",
    ),
    "option that is read but does not exist": (
        ARCHIVE + '{ ExecStartPost = "${config.services.postgresqlBackup.lokation}/x"; }',
        "module.nix:2: attribute 'lokation' missing; did you mean location?",
    ),
    "undefined variable": (ARCHIVE + "{\n  ExecStartPost = script;\n}", "module.nix:3: undefined variable 'script'"),
    "wrong type": (ARCHIVE + '{ ExecStartPost = "a" + 1; }', "module.nix:2: cannot coerce an integer to a string"),
    "throw": (ARCHIVE + '{ ExecStartPost = throw "not today"; }', "module.nix: not today"),
    "script with a syntax error": (
        ARCHIVE + '{ ExecStartPost = "${pkgs.writeShellScript "step" "if then"}"; }',
        (
            "module.nix: step does not build: step: line 2: syntax error near unexpected token `then' "
            "/ step: line 2: `if then'"
        ),
    ),
}

MODULES = {
    "unknown option": (
        "{ lib, ... }:\n{\n  services.postgresqlBackup = lib.mkIf true {\n    compresion = 1;\n  };\n}",
        "module.nix:4: The option `services.postgresqlBackup.compresion' does not exist (it is defined as 1)",
    ),
    "unknown option of a unit": (
        '{ systemd.services.x.scrpt = "y"; }',
        'module.nix:1: The option `systemd.services.x.scrpt\' does not exist (it is defined as "y")',
    ),
    "unknown option, switched off": (
        "{ lib, ... }: { nosuch.option = lib.mkIf false 1; }",
        "module.nix:1: The option `nosuch' does not exist (it is defined as { option = 1; })",
    ),
    "wrong type": (
        '{ services.postgresqlBackup.databases = "db1"; }',
        (
            "module.nix:1: A definition for option `services.postgresqlBackup.databases' is not of type "
            '`list of string\' (it is defined as "db1")'
        ),
    ),
    "read-only option": (
        '{ services.postgresql.superUser = "root"; }',
        (
            "SITE/debian/modules/postgresql/options.nix: The option `services.postgresql.superUser' is read-only, but "
            'it\'s set multiple times (it is defined as "postgres"); module.nix:1 defines it too'
        ),
    ),
    "argument that is none of the module's": (
        "{ inputs, ... }: { services.postgresql.enable = inputs.x; }",
        (
            "The module `module.nix' asks for the argument `inputs', which is not among the module arguments: "
            "config lib options specialArgs archive pkgs."
        ),
    ),
    "missing import": (
        "{ imports = [ ./nothere.nix ]; }",
        "`module.nix' imports `nothere.nix', which does not exist.",
    ),
    "not a module": (
        '"hello"',
        "The file `module.nix' is not a module: it holds a string, not a function or an attribute set.",
    ),
    "options and settings mixed": (
        "{ options = { }; services.postgresql.enable = true; }",
        (
            "Module `module.nix' has an unsupported attribute `services'. This is caused by introducing a top-level "
            "`config' or `options' attribute. Add configuration attributes immediately on the top level instead, or "
            "move all of them (namely: services) into the explicit `config' attribute."
        ),
    ),
    "function that the subset has not": (
        "{ lib, ... }: { services.postgresqlBackup.location = lib.nosuch 1; }",
        (
            "module.nix:1: attribute 'nosuch' missing; the built-in subset of lib has no lib.nosuch, give the real one "
            "with --gate-nixpkgs PATH"
        ),
    ),
    "infinite recursion": (
        "{ config, ... }: { services.postgresqlBackup.location = config.services.postgresqlBackup.location; }",
        "module.nix: infinite recursion encountered",
    ),
    "failed assertions": (
        "{ services.postgresqlBackup.compressionLevel = 12; services.postgresqlBackup.backupAll = true; }",
        (
            "module.nix: an assertion of the configuration fails: config.services.postgresqlBackup.backupAll cannot be "
            "used together with config.services.postgresqlBackup.databases; config.services.postgresqlBackup."
            "compressionLevel must be set between 1 and 9 for gzip and 1 and 19 for zstd"
        ),
    ),
    "removed option": (
        '{ services.postgresql.extraConfig = "x"; }',
        (
            "module.nix: an assertion of the configuration fails: The option definition "
            "`services.postgresql.extraConfig' in `module.nix' no longer has any effect; please remove it. "
            "Use services.postgresql.settings instead."
        ),
    ),
}


@pytest.mark.parametrize("case", FUNCTIONS)
def test_archive_function(bench: Bench, case: str) -> None:
    text, sentence = FUNCTIONS[case]
    assert bench.refusal(text) == sentence


@pytest.mark.parametrize("case", MODULES)
def test_module(bench: Bench, case: str) -> None:
    text, sentence = MODULES[case]
    assert bench.refusal(text).replace(str(SITE.parent), "SITE") == sentence


def test_conflict_names_both_places(bench: Bench) -> None:
    line = SITE.read_text().splitlines().index('    startAt = "*-*-* *:15:00";') + 1
    assert bench.refusal('{ services.postgresqlBackup.startAt = "daily"; }') == (
        "module.nix:1: The option `services.postgresqlBackup.startAt' has conflicting definition values "
        f'(it is defined as "daily"); {SITE}:{line} defines it too'
    )


def test_postgresql_of_another_major_version(bench: Bench) -> None:
    site = bench.write(
        dedent("""
            { imports = [ CONTRACT ]; gate.rcloneConfig = "/x"; services.postgresql.enable = true;
              system.stateVersion = "25.11"; }
        """).replace("CONTRACT", str(SITE.with_name("contract.nix"))),
        "site.nix",
    )
    with pytest.raises(EvaluationError, match=r"means PostgreSQL 17, but the debian guest has 15: set services\.post"):
        bench.evaluate(site=site)


def test_paths_with_spaces_and_dollars(bench: Bench, store: Path) -> None:
    odd = bench.directory / 'a b${c}"d'
    odd.mkdir()
    module = odd / "module.nix"
    module.write_text("{ nosuch = 1; }")
    with pytest.raises(EvaluationError, match=r"module\.nix:1: The option `nosuch' does not exist"):
        evaluate(SITE, module=module, store=store)


def test_nix_missing(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NixError, match=r"nix-build is missing; `\./run prove` installs"):
        evaluate(SITE, store=store)


def test_nix_that_does_not_end(store: Path) -> None:
    endless = """
        let
          xs = builtins.genList (x: x) 10000;
          sum = f: builtins.foldl' (a: x: a + f x) 0 xs;
        in
        sum (_: sum (_: sum (x: x)))
    """
    with pytest.raises(NixError, match=r"nix-instantiate did not end within 0\.5 s"):
        nix("nix-instantiate", ["--eval", "--expr", endless], store=store, deadline=Deadline(0.5))


NEWER = """
these 2 derivations will be built:
  /nix/store/3mwrvyfv0fs1jzgnv4h7zcldqy4qam40-step.drv
building '/nix/store/3mwrvyfv0fs1jzgnv4h7zcldqy4qam40-step.drv'...
error: {}
       last 2 log lines:
       > /nix/store/z8ll7cf26bi5mxrwgj2fvx8y4rw20i4h-step: line 2: syntax error near unexpected token `then'
       > /nix/store/z8ll7cf26bi5mxrwgj2fvx8y4rw20i4h-step: line 2: `if then'
       For full logs, run:
         nix log /nix/store/3mwrvyfv0fs1jzgnv4h7zcldqy4qam40-step.drv
error: 1 dependencies of derivation '/nix/store/sxq3801lb1s2h8smnwx1a5nj8p4jj8gk-unit-x.drv' failed to build
"""


@pytest.mark.parametrize(
    "error",
    [
        "builder for '/nix/store/3mwrvyfv0fs1jzgnv4h7zcldqy4qam40-step.drv' failed with exit code 2;",
        "Cannot build '/nix/store/3mwrvyfv0fs1jzgnv4h7zcldqy4qam40-step.drv'.",
    ],
)
def test_build_failure_as_newer_nixes_print_it(tmp_path: Path, error: str) -> None:
    assert complaint(NEWER.format(error), tmp_path).endswith(
        ": step does not build: step: line 2: syntax error near unexpected token `then' / step: line 2: `if then'"
    )


def test_trace_as_newer_nixes_print_it(tmp_path: Path) -> None:
    module = tmp_path / "module.nix"
    output = f"""
error:
       … while evaluating the attribute 'ExecStartPost'
         at {module}:2:3:
            1| {{ config, pkgs, dbName, fileEncKey, fileRclone }}:
            2| {{ ExecStartPost = script; }}
             |   ^

       error: undefined variable 'script'
       at {module}:2:19:
            1| {{ config, pkgs, dbName, fileEncKey, fileRclone }}:
            2| {{ ExecStartPost = script; }}
             |                   ^
"""
    assert complaint(output, module) == f"{module}:2: undefined variable 'script'"
