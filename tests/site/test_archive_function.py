"""modules/pg-db-archive.nix: the article's calling convention; its steps, run here with real gpg and real rclone."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pg_archive.configuration import Configuration
from pg_archive.reader import Reader
from tests.modules.conftest import dump_text
from tests.site.conftest import ROOT
from tests.site.test_article import CONFIG, PASSPHRASE
from tests.site.units import lines

if TYPE_CHECKING:
    from harness.site.built_site import BuiltSite
    from tests.site.conftest import Bench

FUNCTION = ROOT / "modules" / "pg-db-archive.nix"
UNIT = "postgresqlBackup-db1.service"


class Steps:
    """The unit's steps but for the dump, with its directories below the test's."""

    def __init__(self, site: BuiltSite, directory: Path) -> None:
        self.directory = directory
        for name in ("dumps", "a", "b", "run"):
            (directory / name).mkdir(mode=0o700)
        (directory / "key").write_text(f"{PASSPHRASE}\n")
        (directory / "rclone.conf").write_text(CONFIG.format(directory))
        text = site.read(configuration_of(site)).decode()
        for old, new in {
            "/var/backup/postgresql": f"{directory}/dumps",
            "/run/secrets/keys/db1": f"{directory}/key",
            "/run/secrets/rclone/database-archive.conf": f"{directory}/rclone.conf",
        }.items():
            assert old in text
            text = text.replace(old, new)
        (directory / "config.json").write_text(text)
        package = site.read(steps_of(site)[0].split()[0]).decode()
        modules = re.findall(r"/nix/store/\S*pg-archive-modules", package)[0]
        self.program = [sys.executable, "-I", f"{site.nix_store}{modules}"]

    def run(self, step: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.program, step, f"--config={self.directory / 'config.json'}", "--", "db1"],
            # The guest's rclone is not on this machine, so use our environment's.
            env={
                "PATH": f"{sysconfig.get_path('scripts')}:/usr/bin:/bin",
                "RUNTIME_DIRECTORY": f"{self.directory}/run",
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def steps_of(site: BuiltSite) -> list[str]:
    """The program's lines before and after the dump."""
    unit = site.read(f"{site.toplevel}/etc/systemd/system/{UNIT}").decode()
    return re.findall(r"^ExecStart(?:Pre|Post)=(\S+/pg-archive .*)$", unit, re.MULTILINE)


def configuration_of(site: BuiltSite) -> str:
    found = re.search(r"--config=(\S+)", steps_of(site)[0])
    assert found
    return found[1]


def test_each_store_has_the_archive_and_its_manifest(site: BuiltSite, tmp_path: Path) -> None:
    steps = Steps(site, tmp_path)
    assert steps.run("begin").returncode == 0
    (tmp_path / "dumps" / "db1.sql.gz").write_bytes(gzip.compress(dump_text()))
    ended = steps.run("run")
    assert ended.returncode == 0, ended.stderr

    for store in ("a", "b"):
        archive, manifest = sorted((tmp_path / store / "db1").iterdir())
        assert re.fullmatch(r"db1_\d{8}T\d{6}Z\.sql\.gz\.enc", archive.name)
        assert manifest.name == f"{archive.name}.manifest"


def test_an_old_dump_is_not_archived(site: BuiltSite, tmp_path: Path) -> None:
    steps = Steps(site, tmp_path)
    (tmp_path / "dumps" / "db1.sql.gz").write_bytes(gzip.compress(dump_text()))
    assert steps.run("begin").returncode == 0
    ended = steps.run("run")
    assert ended.returncode == 4, ended.stderr
    assert list((tmp_path / "a").iterdir()) == []


def test_the_site_knows_of_the_manifest(site: BuiltSite) -> None:
    assert site.archives["db1"].companions == (".manifest",)


def test_systemd_ends_a_step_that_does_not_end_itself(site: BuiltSite) -> None:
    """The dump, that is: the program has ended by then."""
    assert json.loads(site.read(configuration_of(site)))["timeLimit"] == 1600
    assert "TimeoutStartSec=1620" in lines(site, UNIT)


def test_a_copy_with_its_program_is_the_same(bench: Bench, site: BuiltSite) -> None:
    copy = shutil.copytree(ROOT / "modules", bench.directory / "copy", ignore=shutil.ignore_patterns("__pycache__"))
    assert bench.evaluate(copy / "pg-db-archive.nix").toplevel == site.toplevel


AWKWARD = """
{ config, pkgs, dbName, fileEncKey, fileRclone }@arguments:
import FUNCTION (arguments // {
  config = config // {
    services = config.services // {
      postgresqlBackup = config.services.postgresqlBackup // { location = ''/dumps of "$(touch broken)"''; };
    };
  };
  dbName = ''a "b" %n $HOME '';
  fileEncKey = ''/key"; touch broken; "'';
  fileRclone = ''/it's $(touch broken).conf'';
})
"""


def test_no_value_is_anything_but_a_value(bench: Bench) -> None:
    site = bench.evaluate(bench.write(AWKWARD.replace("FUNCTION", str(FUNCTION))))
    assert steps_of(site)[0].endswith(r' -- "a \"b\" %%n $$HOME "')
    found = Configuration.read(Reader(":", json.loads(site.read(configuration_of(site)))))
    assert str(found.rclone_config) == "/it's $(touch broken).conf"
    (database,) = found.databases.values()
    assert database.name == 'a "b" %n $HOME '
    assert str(database.passphrase_file) == '/key"; touch broken; "'
    assert str(database.dump) == '/dumps of "$(touch broken)"/a "b" %n $HOME .sql.gz'


@pytest.mark.parametrize("step", ["ExecStartPre=/bin/mine", "ExecStartPost=/bin/mine"])
def test_a_step_of_the_users_own_goes_beside_it(bench: Bench, step: str) -> None:
    key, value = step.split("=")
    ours = {"ExecStartPre": 2, "ExecStartPost": 1}[key]
    own = f'{{ systemd.services."postgresqlBackup-db1".serviceConfig.{key} = "{value}"; }}'
    found = lines(bench.evaluate(site=bench.write(SITE_AND.format(ROOT, own), "site.nix")), UNIT)
    assert step in found
    assert len([line for line in found if line.startswith(f"{key}=")]) == ours + 1


SITE_AND = "{{ imports = [ {}/nixos-tests/site.nix {} ]; }}"
