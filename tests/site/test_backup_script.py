"""What services.postgresqlBackup does to files, defects included: its script, run here with our pg_dump."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import pytest

from tests.site.scripts import Script
from tests.site.units import lines

if TYPE_CHECKING:
    from pathlib import Path

    from harness.site.built_site import BuiltSite
    from tests.site.conftest import Bench

UNIT = "postgresqlBackup-db1.service"


class Backup:
    """The script of db1's unit, with a directory for its dumps and a scripted pg_dump."""

    def __init__(self, site: BuiltSite, directory: Path) -> None:
        self.dumps = directory / "dumps"
        self.dumps.mkdir()
        self.bin = directory / "bin"
        self.bin.mkdir()
        self.script = Script(
            site, UNIT, "ExecStart", replace={"/var/backup/postgresql": str(self.dumps)}, first=self.bin
        )

    def dump(self, says: str, status: int = 0) -> int:
        """Run it once; return its exit status."""
        (self.bin / "pg_dump").write_text(f"#!/bin/sh\necho {says} $*\nexit {status}\n")
        (self.bin / "pg_dump").chmod(0o755)
        return self.script.run().returncode

    def files(self) -> dict[str, str]:
        return {path.name: gzip.decompress(path.read_bytes()).decode().strip() for path in self.dumps.iterdir()}


@pytest.fixture
def backup(site: BuiltSite, tmp_path: Path) -> Backup:
    return Backup(site, tmp_path)


def test_dump_takes_the_final_name(backup: Backup) -> None:
    assert backup.dump("first") == 0
    assert backup.files() == {"db1.sql.gz": "first --no-owner db1"}


def test_dump_is_for_its_owner_alone(backup: Backup) -> None:
    backup.dump("first")
    assert (backup.dumps / "db1.sql.gz").stat().st_mode & 0o777 == 0o600


def test_one_previous_dump_is_kept(backup: Backup) -> None:
    for says in ("first", "second", "third"):
        backup.dump(says)
    assert backup.files() == {"db1.prev.sql.gz": "second --no-owner db1", "db1.sql.gz": "third --no-owner db1"}


def test_previous_dump_of_another_compression_goes(backup: Backup) -> None:
    (backup.dumps / "db1.prev.sql.zstd").write_text("old")
    backup.dump("first")
    assert (backup.dumps / "db1.prev.sql.zstd").exists()
    backup.dump("second")
    assert not (backup.dumps / "db1.prev.sql.zstd").exists()


def test_failure_leaves_a_partial_and_no_current_dump(backup: Backup) -> None:
    backup.dump("first")
    assert backup.dump("half", status=1) != 0
    assert backup.files() == {
        "db1.prev.sql.gz": "first --no-owner db1",
        "db1.in-progress.sql.gz": "half --no-owner db1",
    }


def test_second_failure_keeps_the_previous_dump(backup: Backup) -> None:
    backup.dump("first")
    backup.dump("half", status=1)
    backup.dump("half", status=1)
    assert backup.files()["db1.prev.sql.gz"] == "first --no-owner db1"


def test_unit(site: BuiltSite) -> None:
    found = [re.sub(r"-[\d.]+/bin/", "/bin/", line) for line in lines(site, UNIT)]  # without Debian's versions
    assert found == [
        "[Unit]",
        "Description=Backup of db1 database(s)",
        "Requires=postgresql.target",
        "",
        "[Service]",
        "ExecStart=STORE/unit-script-postgresqlBackup-db1-start/bin/postgresqlBackup-db1-start ",
        'ExecStartPost=STORE/pg-archive/bin/pg-archive run --config=STORE/pg-archive.json -- "db1"',
        (
            "ExecStartPre=-+STORE/coreutils/bin/timeout 360 "
            "STORE/systemd/bin/systemctl start network-online.target postgresql.service postgresql.target"
        ),
        'ExecStartPre=STORE/pg-archive/bin/pg-archive begin --config=STORE/pg-archive.json -- "db1"',
        "RuntimeDirectory=%N",
        "TimeoutStartSec=1620",
        "Type=oneshot",
        "User=postgres",
    ]


def test_timer(site: BuiltSite) -> None:
    assert lines(site, "postgresqlBackup-db1.timer") == [
        *("[Unit]", "", "[Timer]", "OnCalendar=*-*-* *:15:00", "Persistent=true", "", ""),
        *("[Install]", "WantedBy=timers.target"),
    ]


ALL = """
{
  imports = [ CONTRACT ];
  gate.rcloneConfig = "/run/secrets/rclone.conf";
  gate.archives.db1.passphraseFile = "/run/secrets/db1";
  services.postgresql.enable = true;
  system.stateVersion = "24.05";
  services.postgresqlBackup = { enable = true; compression = "zstd"; compressionLevel = 19; };
}
"""


def test_defaults(bench: Bench) -> None:
    from tests.site.conftest import SITE

    site = bench.evaluate(site=bench.write(ALL.replace("CONTRACT", str(SITE.with_name("contract.nix"))), "site.nix"))
    script = Script(site, "postgresqlBackup.service", "ExecStart", replace={str(site.nix_store): ""}).text
    assert "\npg_dumpall  \\\n" in script  # then its options: none
    assert "/bin/zstd -c -19 --rsyncable \\\n  > /var/backup/postgresql/all.in-progress.sql.zstd\n" in script
    assert "OnCalendar=*-*-* 01:15:00" in lines(site, "postgresqlBackup.timer")


def test_options_of_either_dump(bench: Bench) -> None:
    """nixpkgs' pull request 438371: pg_dumpall has different options."""
    from tests.site.conftest import SITE

    own = 'services.postgresqlBackup = { pgdumpOptions = "--no-acl"; pgdumpAllOptions = "--clean --if-exists"; };'
    text = ALL.replace("CONTRACT", str(SITE.with_name("contract.nix"))).rstrip().removesuffix("}") + own + "}"
    site = bench.evaluate(site=bench.write(text, "site.nix"))
    script = Script(site, "postgresqlBackup.service", "ExecStart", replace={}).text
    assert "\npg_dumpall --clean --if-exists \\\n" in script
    assert "--no-acl" not in script
