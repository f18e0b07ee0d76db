"""modules/postgresql-archive: its units, and the configuration that the program reads."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.site.evaluation import evaluate
from pg_archive.configuration import ObjectLock, Retention, Spool
from tests.site.archive_module import MODULE, RECIPIENT, SEALED, TARGETS, UNIT, WIRED, configuration, module, service
from tests.site.conftest import ROOT, SITE
from tests.site.units import lines, program, text, without_hashes

if TYPE_CHECKING:
    from harness.site.built_site import BuiltSite
    from tests.site.conftest import Bench


@pytest.fixture(scope="module")
def wired(nix_store: Path) -> BuiltSite:
    return evaluate(SITE, module=WIRED, nix_store=nix_store)


def test_the_steps_of_a_run(wired: BuiltSite) -> None:
    """In this order; the secrets are credentials, so that only root need read them."""
    program = "STORE/pg-archive/bin/pg-archive"
    assert service(wired, "ExecStartPre") == [f"{program} begin db1"]
    dump, archive = service(wired, "ExecStart")
    assert dump.strip().endswith("/bin/postgresqlBackup-db1-start")
    assert archive == f"{program} run --rclone-config=%d/rclone.conf --passphrase-file=%d/passphrase db1"
    assert service(wired, "LoadCredential") == [
        "rclone.conf:/run/secrets/rclone/database-archive.conf",
        "passphrase:/run/secrets/keys/db1",
    ]


def test_a_missing_secret_is_an_empty_one(wired: BuiltSite) -> None:
    """Of which the program can say what is wrong: systemd 252 says "Protocol error", and starts nothing."""
    assert service(wired, "SetCredential") == ["rclone.conf:\\n", "passphrase:\\n"]


def test_when_it_runs(wired: BuiltSite) -> None:
    after = "After=network-online.target postgresql.service postgresql.target"
    assert {after, "Wants=network-online.target", "X-RestartIfChanged=false"} <= set(lines(wired, UNIT))
    assert "Persistent=true" in lines(wired, "postgresqlBackup-db1.timer")
    assert service(wired, "TimeoutStartSec") == ["3060"]
    assert (service(wired, "Nice"), service(wired, "IOSchedulingClass")) == (["10"], ["idle"])
    assert (
        "\npg_dump --no-owner --lock-wait-timeout=1500s db1 \\\n"
        in wired.read(program(wired, UNIT, "ExecStart")).decode()
    )


def test_the_configuration_is_what_the_program_reads(wired: BuiltSite) -> None:
    found = configuration(wired)
    assert (found.remote, dict(found.targets), found.time_limit) == ("archive-target-database", {}, 3000)
    database = found.databases["db1"]
    assert (str(database.dump), database.compression) == ("/var/backup/postgresql/db1.sql.gz", "gzip")
    assert (str(database.passphrase_file), database.prefix) == ("/run/secrets/keys/db1", "db1/")
    assert wired.read(f"{wired.toplevel}/sw/bin/pg-archive")


def test_targets_of_their_own(bench: Bench) -> None:
    """A target has what it sets, else what is set for all."""
    site = bench.evaluate(
        module("""
          services.postgresqlArchive = {
            remote = lib.mkForce null;
            timeout = 600;
            retention = { daily = 14; floor = 2; };
            targets.b = { remote = "backblaze"; path = "bucket/databases"; };
            targets.w = { remote = "wasabi"; verify = "checksum"; retention = null; };
            databases.db2.targets = [ "w" ];
          };
          services.postgresqlBackup.compression = "zstd";
        """)
    )
    found = configuration(site)
    assert {name: target.remote for name, target in found.targets.items()} == {
        "b": "backblaze:bucket/databases",
        "w": "wasabi:",
    }
    b, w = (found.targets[name].options for name in "bw")
    assert (b.verify, b.timeout, b.retention) == ("download", 600, Retention(daily=14, floor=2))
    assert (w.verify, w.timeout, w.retention) == ("checksum", 600, None)
    assert (found.databases["db1"].targets, found.databases["db2"].targets) == (None, ("w",))
    assert str(found.databases["db1"].dump) == "/var/backup/postgresql/db1.sql.zstd"


@pytest.mark.parametrize(
    ("backup", "command"),
    [
        pytest.param('compression = "gzip";', "gzip -c -6 --rsyncable", id="gzip"),
        pytest.param('compression = "zstd";', "zstd -c -3 --rsyncable", id="zstd"),
        pytest.param('compression = "zstd"; compressionLevel = 19;', "zstd -c -19 --rsyncable", id="own"),
    ],
)
def test_the_level_of_compression(bench: Bench, backup: str, command: str) -> None:
    """zstd's own default, where the host has none."""
    site = bench.evaluate(module(f"services.postgresqlBackup = {{ {backup} }};"))
    assert command in site.read(program(site, UNIT, "ExecStart")).decode()


def test_object_lock(bench: Bench) -> None:
    """For all targets, also those of a union; one may have another, or none."""
    lock = 'services.postgresqlArchive.objectLock = { mode = "COMPLIANCE"; days = 30; };'
    one = configuration(bench.evaluate(module(lock)))
    assert one.options.object_lock == ObjectLock("COMPLIANCE", 30)
    own = "services.postgresqlArchive.targets = { b.objectLock = null; w.objectLock.days = 7; };"
    two = configuration(bench.evaluate(module(f"imports = [ {{ {lock} {TARGETS} }} {{ {own} }} ];")))
    assert two.targets["b"].options.object_lock is None
    assert two.targets["w"].options.object_lock == ObjectLock("GOVERNANCE", 7)


AGE = r"-age(-[0-9.]+)?/bin"


def test_a_host_without_a_key(bench: Bench) -> None:
    """It gets no credential for what it cannot open, and age only then."""
    site = bench.evaluate(module(SEALED % RECIPIENT))
    program = "STORE/pg-archive/bin/pg-archive"
    unit = "postgresqlBackup-db2.service"
    assert service(site, "ExecStart", unit)[1] == f"{program} run --rclone-config=%d/rclone.conf db2"
    assert service(site, "LoadCredential", unit) == ["rclone.conf:/run/secrets/rclone/database-archive.conf"]
    database = configuration(site).databases["db2"]
    assert (database.recipients, database.passphrase_file) == ((RECIPIENT,), None)
    assert re.search(AGE, site.read(f"{site.toplevel}/sw/bin/pg-archive").decode())


def test_a_host_with_passphrases_needs_no_age(wired: BuiltSite) -> None:
    assert not re.search(AGE, wired.read(f"{wired.toplevel}/sw/bin/pg-archive").decode())


def test_the_programs_are_the_servers(bench: Bench) -> None:
    """Of another version they may not restore what the server's dumped."""
    other = 'lib.mkForce (pkgs.postgresql.overrideAttrs { name = "the-servers"; })'
    site = bench.evaluate(module(f"imports = [ ({{ pkgs, ... }}: {{ services.postgresql.package = {other}; }}) ];"))
    assert "STORE/the-servers/bin" in text(site, "sw/bin/pg-archive")


def test_no_object_lock_unless_asked(wired: BuiltSite) -> None:
    assert configuration(wired).options.object_lock is None


@pytest.mark.parametrize(
    "line",
    [
        *("UMask=0077", "NoNewPrivileges=true", "CapabilityBoundingSet=", "RestrictSUIDSGID=true"),
        *("ProtectSystem=strict", "ProtectHome=true", "PrivateTmp=true", "PrivateDevices=true", "PrivateUsers=true"),
        *("RemoveIPC=true", "ProtectClock=true", "ProtectControlGroups=true", "ProtectHostname=true"),
        *("ProtectKernelLogs=true", "ProtectKernelModules=true", "ProtectKernelTunables=true", "ProcSubset=pid"),
        *("ProtectProc=invisible", "LockPersonality=true", "MemoryDenyWriteExecute=true", "RestrictNamespaces=true"),
        "LimitCORE=0",
        *("RestrictRealtime=true", "SystemCallArchitectures=native", "SystemCallFilter=~@privileged @resources"),
    ],
)
def test_what_a_run_may_do(wired: BuiltSite, line: str) -> None:
    """Each line that is missing lets a program that was taken over do more than a backup must."""
    assert line in lines(wired, UNIT)


@pytest.mark.parametrize(
    ("options", "told"), [('pgdumpOptions = lib.mkForce "--lock-wait-timeout=1500s";', True), ("", False)]
)
def test_dumps_that_are_not_archived_lose_what_they_have_by_default(bench: Bench, options: str, told: bool) -> None:
    """Where the module's own option is the only one that is set."""
    site = bench.evaluate(module(f'services.postgresqlBackup = {{ databases = [ "other" ]; {options} }};'))
    assert any("from those of other, which it does not archive" in text for text in site.warnings) == told


def test_a_dump_that_is_not_archived_is_told(bench: Bench, wired: BuiltSite) -> None:
    """Its backup is green, and nothing takes it off this host."""
    site = bench.evaluate(module('services.postgresqlBackup.databases = [ "other" ];'))
    sentence = (
        "services.postgresqlBackup dumps other, and services.postgresqlArchive does not archive that: it takes none of"
        " those dumps off this host; name each in services.postgresqlArchive.databases that is to be archived."
    )
    assert sentence in site.warnings
    assert not [text for text in wired.warnings if "does not archive" in text]


def test_the_users_own(bench: Bench) -> None:
    """What a site sets takes precedence, and steps are added."""
    site = bench.evaluate(
        module("""
          services.postgresqlArchive = {
            onFailure = [ "alert.service" ];
            environmentFile = "/etc/proxy";
            spool.bytes = 1000000;
            backupPrepareCommand = "echo prepare";
            backupCleanupCommand = "echo clean";
          };
          systemd.services."postgresqlBackup-db1".serviceConfig = {
            ExecStartPost = "/bin/notify";
            ReadWritePaths = [ "/backup" ];
            Nice = 0;
            IOSchedulingClass = "best-effort";
            RuntimeDirectoryMode = "0750";
            StateDirectoryMode = "0750";
            ProtectSystem = "full";
            TimeoutStartSec = 7;
          };
          systemd.timers.postgresqlBackup-db1.timerConfig.Persistent = false;
          services.postgresqlArchive.verify.enable = true;
          systemd.services.pg-archive-verify-db1.serviceConfig = {
            Nice = 0;
            IOSchedulingClass = "best-effort";
            TimeoutStartSec = 7;
          };
        """)
    )
    both = {"Nice=0", "IOSchedulingClass=best-effort", "TimeoutStartSec=7"}
    modes = {"RuntimeDirectoryMode=0750", "StateDirectoryMode=0750"}
    own = {"OnFailure=alert.service", "EnvironmentFile=/etc/proxy", "ProtectSystem=full", *modes, *both}
    assert own <= set(lines(site, UNIT))
    assert both <= set(lines(site, "pg-archive-verify-db1.service"))
    assert "Persistent=false" in lines(site, "postgresqlBackup-db1.timer")
    assert service(site, "ExecStartPost") == ["/bin/notify"]
    assert {"/backup", "/var/backup/postgresql"} <= set(service(site, "ReadWritePaths"))
    assert len(service(site, "ExecStartPre")) == 2


def test_units_that_verify(bench: Bench) -> None:
    site = bench.evaluate(
        module('services.postgresqlArchive = { verify.enable = true; onFailure = [ "alert.service" ]; };')
    )
    unit = "pg-archive-verify-db2.service"
    program = "STORE/pg-archive/bin/pg-archive verify --rclone-config=%d/rclone.conf --passphrase-file=%d/passphrase"
    assert service(site, "ExecStart", unit) == [f"{program} --max-age=26h db2"]
    assert service(site, "LoadCredential", unit)[1] == "passphrase:/run/secrets/keys/db2"
    assert {"User=postgres", "ProtectSystem=strict", "OnFailure=alert.service"} <= set(lines(site, unit))
    # The program reads /proc/sys/kernel/random/boot_id, and looks for the processes of others.
    assert (service(site, "ProcSubset", unit), service(site, "ProtectProc", unit)) == (["all"], ["default"])
    (after,) = (line for line in lines(site, unit) if line.startswith("After="))
    assert {"network-online.target", "postgresql.service"} <= set(after.removeprefix("After=").split())
    assert {"OnCalendar=weekly", "Persistent=true"} <= set(lines(site, "pg-archive-verify-db2.timer"))


def test_archives_can_wait(bench: Bench) -> None:
    site = bench.evaluate(module("services.postgresqlArchive.spool.bytes = 1000000;"))
    assert configuration(site).spool == Spool(Path("/var/lib/pg-archive"), 24, 1000000, frozenset({"db1", "db2"}))
    assert (service(site, "StateDirectory"), service(site, "StateDirectoryMode")) == (["pg-archive"], ["0700"])
    assert site.archives["db1"].stays[-1] == "/var/lib/pg-archive/", "they may stay, the gate is told"


def test_it_can_be_watched(bench: Bench) -> None:
    site = bench.evaluate(
        module("""
          services.postgresqlArchive = { metricsDirectory = "/var/lib/metrics"; pingUrlFile = "/run/secrets/ping"; };
        """)
    )
    found = configuration(site)
    assert (str(found.metrics_directory), str(found.ping_url_file)) == ("/var/lib/metrics", "/run/secrets/ping")
    assert "-/var/lib/metrics" in service(site, "ReadWritePaths")


@pytest.mark.parametrize("found", [0, 1, 142])
def test_the_end_of_a_run_is_looked_at(bench: Bench, tmp_path: Path, found: int) -> None:
    """Before the site's own commands, which may fail or hang, and run whatever it finds; the unit fails then."""
    site = bench.evaluate(
        module("""
          services.postgresqlArchive.backupCleanupCommand = "trap true EXIT; exec echo clean";
          systemd.services.postgresqlBackup-db1.postStop = lib.mkAfter "echo more";
        """)
    )
    assert len(service(site, "ExecStopPost")) == 1
    script = without_hashes(site.read(program(site, UNIT, "ExecStopPost")).decode())
    pg_archive = tmp_path / "pg-archive"
    pg_archive.write_text(f'#!/bin/sh\necho "$@"\nexit {found}\n')
    pg_archive.chmod(0o755)
    assert script.count("STORE/pg-archive/bin/pg-archive ") == 1
    command = ["bash", "-c", script.replace("STORE/pg-archive/bin/pg-archive", str(pg_archive))]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    assert (ended.stdout, ended.returncode) == ("finish db1\nclean\nmore\n", int(found > 0)), ended.stderr


def test_the_host_can_be_kept_awake(bench: Bench) -> None:
    """By a unit of root's: the backup's user may not, and its dump is no step of ours. The backup only wants it."""
    site = bench.evaluate(module("services.postgresqlArchive.inhibitsSleep = true;"))
    awake = "pg-archive-awake.service"
    for name in ("db1", "db2"):
        unit = f"postgresqlBackup-{name}.service"
        (wants,) = [line for line in lines(site, unit) if line.startswith("Wants=")]
        (after,) = [line for line in lines(site, unit) if line.startswith("After=")]
        assert awake in wants
        assert awake in after
    assert "StopWhenUnneeded=true" in lines(site, awake)
    (command,) = service(site, "ExecStart", awake)
    assert "/bin/systemd-inhibit --mode=block --what=sleep --who=pg-archive --why=" in command
    assert command.endswith("/bin/sleep infinity")
    assert service(site, "User", awake) == []


def test_the_host_may_sleep_unless_told(wired: BuiltSite) -> None:
    assert not [line for line in lines(wired, UNIT) if "awake" in line]


def test_the_servers_port(bench: Bench) -> None:
    site = bench.evaluate(module("services.postgresql.settings.port = 5433;"))
    assert configuration(site).postgresql_port == 5433


def test_a_verification_after_the_backup_that_it_looks_at(bench: Bench) -> None:
    """Both may start at a boot; and a larger disk for what it fetches is one that it may write to."""
    site = bench.evaluate(module("services.postgresqlArchive.verify.enable = true;"))
    unit = "pg-archive-verify-db1.service"
    (after,) = [line for line in lines(site, unit) if line.startswith("After=")]
    assert UNIT in after
    assert {"-/srv", "-/mnt", "-/media"} <= set(service(site, "ReadWritePaths", unit))


def test_off_unless_enabled(bench: Bench) -> None:
    other = bench.evaluate(f"{{ imports = [ {MODULE} ]; }}")
    assert len(service(other, "ExecStart")) == 1
    assert not (other.nix_store / other.toplevel[1:] / "etc" / "pg-archive").exists()


def test_two_copies_are_one_module(bench: Bench, wired: BuiltSite) -> None:
    """As of a flake's input and of a checkout."""
    shutil.copytree(MODULE, bench.directory / "copy", ignore=shutil.ignore_patterns("__pycache__"))
    assert bench.evaluate(module("imports = [ ./copy ];")).toplevel == wired.toplevel


def test_bytecode_beside_the_sources_makes_no_other_system(bench: Bench, wired: BuiltSite) -> None:
    """Tests leave it there."""
    copy = shutil.copytree(ROOT / "modules", bench.directory / "modules", ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "postgresql-archive" / "pg_archive" / "__pycache__").mkdir()
    (copy / "postgresql-archive" / "pg_archive" / "__pycache__" / "x.pyc").touch()
    shutil.copytree(ROOT / "nixos-tests", bench.directory / "nixos-tests")
    assert bench.evaluate(bench.directory / "nixos-tests" / "module.nix").toplevel == wired.toplevel
