"""What an operator sees when a module cannot be evaluated: one sentence, with file and line."""

from __future__ import annotations

import json
import re
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from harness.host.deadline import Deadline
from harness.site.complaint import complaint
from harness.site.evaluation import EvaluationError, evaluate
from harness.site.nix import NixError, nix
from harness.site.nix_log import read_log
from tests.site.conftest import ROOT, SITE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.site.conftest import Bench

CALL = "an archive function is called with config, pkgs, dbName, fileEncKey and fileRclone"
ARCHIVE = "{ config, pkgs, dbName, fileEncKey, fileRclone }:\n"


def said(sentence: str) -> set[str]:
    """The sentence from Nix 2.8, and from later ones, which know the text in «»."""
    return {re.sub("«.*?»", "", sentence), re.sub("[«»]", "", sentence)}


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
            "(nix/debian/packages says what it carries)"
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
    "wrong type": (ARCHIVE + '{ ExecStartPost = "a" + 1; }', "module.nix:2: cannot coerce an integer to a string«: 1»"),
    "throw": (ARCHIVE + '{ ExecStartPost = throw "not today"; }', "module.nix«:2»: not today"),
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
            "ROOT/nix/debian/modules/postgresql/options.nix: The option `services.postgresql.superUser' is read-only, "
            'but it\'s set multiple times (it is defined as "postgres"); module.nix:1 defines it too'
        ),
    ),
    "argument that is none of the module's": (
        "{ inputs, ... }: { services.postgresql.enable = inputs.x; }",
        (
            "The module `module.nix' asks for the argument `inputs', which is not among the module arguments: "
            "config lib options specialArgs archive databases pkgs."
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
        "module.nix«:1»: infinite recursion encountered",
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
    assert bench.refusal(text) in said(sentence)


@pytest.mark.parametrize("case", MODULES)
def test_module(bench: Bench, case: str) -> None:
    text, sentence = MODULES[case]
    assert bench.refusal(text).replace(str(ROOT), "ROOT") in said(sentence)


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
              gate.archives.db1.passphraseFile = "/y"; system.stateVersion = "25.11"; }
        """).replace("CONTRACT", str(SITE.with_name("contract.nix"))),
        "site.nix",
    )
    with pytest.raises(EvaluationError, match=r"means PostgreSQL 17, but the debian guest has 15: set services\.post"):
        bench.evaluate(site=site)


def test_paths_with_spaces_and_dollars(bench: Bench, nix_store: Path) -> None:
    odd = bench.directory / 'a b${c}"d'
    odd.mkdir()
    module = odd / "module.nix"
    module.write_text("{ nosuch = 1; }")
    with pytest.raises(EvaluationError, match=r"module\.nix:1: The option `nosuch' does not exist"):
        evaluate(SITE, module=module, nix_store=nix_store)


def test_nix_missing(nix_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NixError, match=r"nix-instantiate is missing; `\./run prove` installs"):
        evaluate(SITE, nix_store=nix_store)


def test_nix_that_does_not_end(nix_store: Path) -> None:
    endless = """
        let
          xs = builtins.genList (x: x) 10000;
          sum = f: builtins.foldl' (a: x: a + f x) 0 xs;
        in
        sum (_: sum (_: sum (x: x)))
    """
    with pytest.raises(NixError, match=r"nix-instantiate did not end within 0\.5 s"):
        nix("nix-instantiate", ["--eval", "--expr", endless], nix_store=nix_store, deadline=Deadline(0.5))


def logged(*entries: object) -> str:
    return "".join(f"@nix {json.dumps(entry)}\n" for entry in entries)


@pytest.mark.parametrize("text", ["builder for '{}' failed with exit code 2", "Cannot build '{}'.\nReason: …"])
def test_build_failure_whatever_the_wording(tmp_path: Path, text: str) -> None:
    others = "/nix/store/y6v9hrbd0ljpzhwl767pylam08vm7yda-pg_hba.conf.drv"
    step = "/nix/store/3mwrvyfv0fs1jzgnv4h7zcldqy4qam40-step.drv"
    script = "/nix/store/z8ll7cf26bi5mxrwgj2fvx8y4rw20i4h-step"
    said = text.format(step)
    log = logged(
        {"action": "start", "fields": [others, "", 1, 1], "id": 1, "level": 3, "text": "building", "type": 105},
        {"action": "start", "fields": [step, "", 1, 1], "id": 2, "level": 3, "text": "building", "type": 105},
        {"action": "result", "fields": ["fine so far"], "id": 1, "type": 101},
        {"action": "result", "fields": [f"{script}: line 2: syntax error near `then'"], "id": 2, "type": 101},
        {"action": "result", "fields": [0, 30, 2, 0], "id": 2, "type": 105},
        {"action": "msg", "level": 0, "msg": f"\x1b[31;1merror:\x1b[0m {said}", "raw_msg": said},
        {"action": "msg", "level": 0, "msg": "error: 1 …", "raw_msg": "1 dependencies of derivation 'x.drv' failed"},
    )
    sentence = complaint(read_log(log), tmp_path)
    assert sentence == f"{tmp_path}: step does not build: step: line 2: syntax error near `then'"
    assert f"{step}> {script}: line 2" in read_log(log).text


def test_places_as_newer_nixes_give_them(tmp_path: Path) -> None:
    module = tmp_path / "module.nix"
    entry = {
        "action": "msg",
        "level": 0,
        "msg": "error: undefined variable 'scrip'\n       Did you mean \x1b[35;1mscript\x1b[0m?",
        "raw_msg": "undefined variable '\x1b[35;1mscrip\x1b[0m'",
        "file": f"{module}:2:19",
        "line": 2,
        "column": 19,
    }
    assert complaint(read_log(logged(entry)), module) == (
        f"{module}:2: undefined variable 'scrip'; did you mean script?"
    )


def test_a_function_without_its_place_in_the_message(tmp_path: Path) -> None:
    module = tmp_path / "module.nix"
    text = "function 'anonymous lambda' called with unexpected argument 'config'"
    entry = {"action": "msg", "level": 0, "msg": text, "raw_msg": text, "file": f"{module}", "line": 1, "column": 1}
    assert complaint(read_log(logged(entry)), module) == (
        f"{module}:1: the function does not take the argument `config'; {CALL}"
    )


def test_nix_that_fails_without_a_message(tmp_path: Path) -> None:
    log = '@nix {"action":"msg","level":3,"msg":"building"}\n@nix {"cut of\nsegmentation fault\n'
    assert complaint(read_log(log), tmp_path) == (
        f'{tmp_path}: Nix failed with this output: building @nix {{"cut of segmentation fault'
    )
    assert complaint(read_log(""), tmp_path) == f"{tmp_path}: Nix failed with this output: nothing"
