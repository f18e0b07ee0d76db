"""examples/article, the baseline: its script, run here with real gpg and real rclone onto two directories."""

from __future__ import annotations

import gzip
import re
import subprocess
import sysconfig
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.site.evaluation import evaluate
from tests.site.conftest import ROOT, SITE
from tests.site.scripts import Script
from tests.site.units import program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.site.built_site import BuiltSite
    from tests.site.conftest import Bench

ARTICLE = ROOT / "examples" / "article" / "pg-db-archive.nix"
UNIT = "postgresqlBackup-db1.service"
PASSPHRASE = "correct horse battery staple"
DUMP = gzip.compress(b"-- PostgreSQL database dump\n")
CONFIG = """
[a]
type = alias
remote = {0}/a

[b]
type = alias
remote = {0}/b

[archive-target-database]
type = union
upstreams = a:/ b:/
action_policy = all
create_policy = all
search_policy = all
"""


@pytest.fixture(scope="module")
def site(nix_store: Path) -> BuiltSite:
    """Our site with the article's recipe."""
    return evaluate(SITE, module=ARTICLE, nix_store=nix_store)


class Archive:
    """The archive step of db1, with its directories below the test's."""

    def __init__(self, site: BuiltSite, directory: Path) -> None:
        self.directory = directory
        self.dumps = directory / "dumps"
        for name in ("dumps", "a", "b", "home"):
            (directory / name).mkdir(mode=0o700)
        (self.dumps / "db1.sql.gz").write_bytes(DUMP)
        (directory / "key").write_text(f"{PASSPHRASE}\n")
        (directory / "rclone.conf").write_text(CONFIG.format(directory))
        self.script = Script(
            site,
            UNIT,
            "ExecStartPost",
            replace={
                "/var/backup/postgresql": str(self.dumps),
                "/run/secrets/keys/db1": str(directory / "key"),
                "/run/secrets/rclone/database-archive.conf": str(directory / "rclone.conf"),
            },
        )
        # The guest's rclone is not on this machine, so use our environment's.
        self.script.path += f":{sysconfig.get_path('scripts')}"

    def run(self) -> subprocess.CompletedProcess[str]:
        return self.script.run(HOME=str(self.directory / "home"), TZ="JST-9")

    def archives(self, store: str) -> list[Path]:
        return sorted((self.directory / store / "db1").glob("*"))


@pytest.fixture
def archive(site: BuiltSite, tmp_path: Path) -> Iterator[Archive]:
    yield Archive(site, tmp_path)
    # gpg leaves an agent running.
    subprocess.run(["gpgconf", "--homedir", str(tmp_path / "home" / ".gnupg"), "--kill", "all"], timeout=30, check=True)
    subprocess.run(["gpgconf", "--homedir", str(tmp_path / "home"), "--kill", "all"], timeout=30, check=True)


def test_archive_is_in_both_stores_under_a_utc_name(archive: Archive) -> None:
    result = archive.run()
    assert result.returncode == 0, result.stderr
    (a,), (b,) = archive.archives("a"), archive.archives("b")
    time = datetime.strptime(a.name, "db1_%Y%m%dT%H%M%SZ.sql.gz.enc").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - time) < timedelta(minutes=5)
    assert (a.name, a.read_bytes()) == (b.name, b.read_bytes())


def test_archive_decrypts_with_the_passphrase_alone(archive: Archive) -> None:
    archive.run()
    (encrypted,) = archive.archives("a")
    assert DUMP not in encrypted.read_bytes()
    home = str(archive.directory / "home")
    gpg = ["gpg", "--homedir", home, "--batch", "--passphrase-file", str(archive.directory / "key")]
    plain = subprocess.run([*gpg, "--decrypt", str(encrypted)], capture_output=True, timeout=30, check=True)
    assert plain.stdout == DUMP
    assert b"AES256" in plain.stderr


def test_progress(archive: Archive) -> None:
    assert archive.run().stdout.splitlines() == [
        "Encrypting database dump...",
        "Database file is encrypted successfully.",
        "Archiving encrypted database dump...",
        "Encrypted database file is archived successfully.",
        "Removing local encrypted database dump...",
        "Local encrypted database file is removed successfully.",
    ]


def test_no_ciphertext_stays(archive: Archive) -> None:
    archive.run()
    assert [path.name for path in archive.dumps.iterdir()] == ["db1.sql.gz"]


@pytest.mark.parametrize("gone", ["key", "dumps/db1.sql.gz"])
def test_nothing_is_archived_unencrypted(archive: Archive, gone: str) -> None:
    (archive.directory / gone).unlink()
    result = archive.run()
    assert result.returncode != 0
    assert result.stdout.splitlines() == ["Encrypting database dump..."]
    assert archive.archives("a") == []


def test_failed_upload_fails_the_step(archive: Archive) -> None:
    (archive.directory / "rclone.conf").unlink()
    result = archive.run()
    assert result.returncode != 0
    assert result.stdout.splitlines()[-1] == "Archiving encrypted database dump..."


def test_passphrase_is_in_no_file_of_the_store_nor_argument(site: BuiltSite, archive: Archive) -> None:
    assert PASSPHRASE not in archive.script.text
    assert "--passphrase " not in archive.script.text
    assert "/run/secrets/keys/db1" in site.read(program(site, UNIT, "ExecStartPost")).decode()


def test_copy_elsewhere_is_the_same(bench: Bench, site: BuiltSite) -> None:
    copy = bench.write(ARTICLE.read_text(), "elsewhere.nix")
    assert bench.evaluate(copy).toplevel == site.toplevel


AWKWARD = """
{ config, pkgs, dbName, fileEncKey, fileRclone }@arguments:
import FUNCTION (arguments // {
  config.services.postgresqlBackup.location = ''/dumps of "$(touch broken)"'';
  fileEncKey = ''/key"; touch broken; "'';
  fileRclone = ''/it's $(touch broken).conf'';
  remote = ''a'$(touch broken)'';
})
"""


def test_no_value_is_run_as_a_command(bench: Bench, tmp_path: Path) -> None:
    function = bench.write(AWKWARD.replace("FUNCTION", str(ARTICLE)))
    site = bench.evaluate(function)
    script = Script(site, UNIT, "ExecStartPost", replace={})
    # Programs that print their arguments.
    for name in ("gpg", "rclone"):
        (tmp_path / name).write_text(f'#!/bin/sh\nprintf "%s\\n" {name} "$@"\n')
        (tmp_path / name).chmod(0o755)
    text = re.sub(r'export PATH="', f'export PATH="{tmp_path}:', script.text)
    ran = subprocess.run(["bash"], input=text, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    assert not (tmp_path / "broken").exists()
    called = ran.stdout.splitlines()
    assert called[called.index("--passphrase-file") + 1] == '/key"; touch broken; "'
    assert called[called.index("--config") + 1] == "/it's $(touch broken).conf"
    assert "a'$(touch broken):/db1/" in called
    assert '/dumps of "$(touch broken)"/db1.sql.gz' in called
    assert called[called.index("--output") + 1].startswith('/dumps of "$(touch broken)"/db1_2')


def test_shellcheck(archive: Archive) -> None:
    result = subprocess.run(
        ["shellcheck", "--shell=bash", "-"],
        input=archive.script.text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stdout
