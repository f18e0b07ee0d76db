"""Units as systemd gets them: the same as nixpkgs writes for the same options."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.site.conftest import Bench
from tests.site.units import lines, search_path, text, unit, without_hashes

if TYPE_CHECKING:
    from harness.site.built_site import BuiltSite

EVERYTHING = """
{ lib, pkgs, ... }:
{
  systemd.services.a = {
    description = "A";
    documentation = [ "man:a" "man:b" ];
    after = [ "x.service" "y.target" ];
    wants = [ "x.service" ];
    onFailure = [ "b.service" ];
    wantedBy = [ "multi-user.target" ];
    requiredBy = [ "r.service" ];
    aliases = [ "alias.service" ];
    startLimitBurst = 3;
    startLimitIntervalSec = 10;
    restartIfChanged = false;
    environment = { B = "say \\"b\\""; A = "1"; N = null; };
    preStart = "before";
    script = "echo $1";
    scriptArgs = "%i x";
    postStart = "after";
    serviceConfig = {
      ExecStartPost = lib.mkAfter [ "/bin/last" ];
      Restart = "on-failure";
      NoNewPrivileges = true;
      PrivateTmp = false;
      TimeoutSec = 5;
      LoadCredential = [ "a:/a" "b:/b" ];
    };
    unitConfig.ConditionPathExists = "/x";
  };
  systemd.services.off.enable = false;
  systemd.services.systemd-journald.serviceConfig.LogRateLimitBurst = 5;
  systemd.services.extra = { overrideStrategy = "asDropin"; serviceConfig.X = 1; };
  systemd.timers.t = {
    wantedBy = [ "timers.target" ];
    timerConfig = { OnCalendar = [ "daily" "12:00" ]; Persistent = true; };
  };
  systemd.sockets.s = { listenStreams = [ "80" ]; socketConfig.Accept = "yes"; wantedBy = [ "sockets.target" ]; };
  systemd.targets.g.wants = [ "a.service" ];
  systemd.tmpfiles.rules = [ "d /x 0700 root - - -" ];
  systemd.tmpfiles.settings."10-y"."/y".f = { mode = "0600"; argument = "text"; };
  environment.etc."my/file".text = "content";
  environment.etc.copied = { text = "secret-free"; mode = "0440"; user = "postgres"; };
  environment.systemPackages = [ pkgs.jq ];
  time.timeZone = lib.mkForce "Europe/Vienna";
}
"""


@pytest.fixture(scope="module")
def everything(nix_store: Path, tmp_path_factory: pytest.TempPathFactory) -> BuiltSite:
    return Bench(nix_store, tmp_path_factory.mktemp("units")).evaluate(EVERYTHING)


def test_service(everything: BuiltSite) -> None:
    assert lines(everything, "a.service") == [
        "[Unit]",
        "After=x.service y.target",
        "ConditionPathExists=/x",
        "Description=A",
        "Documentation=man:a man:b",
        "OnFailure=b.service",
        "StartLimitBurst=3",
        "StartLimitIntervalSec=10",
        "Wants=x.service",
        "",
        "[Service]",
        'Environment="A=1"',
        r'Environment="B=say \"b\""',
        "X-RestartIfChanged=false",
        "ExecStart=STORE/unit-script-a-start/bin/a-start %i x",
        "ExecStartPost=STORE/unit-script-a-post-start/bin/a-post-start",
        "ExecStartPost=/bin/last",
        "ExecStartPre=STORE/unit-script-a-pre-start/bin/a-pre-start",
        "LoadCredential=a:/a",
        "LoadCredential=b:/b",
        "NoNewPrivileges=true",
        "PrivateTmp=false",
        "Restart=on-failure",
        "TimeoutSec=5",
        "",
        "[Install]",
        "WantedBy=multi-user.target",
    ]


def test_timer_socket_target(everything: BuiltSite) -> None:
    assert unit(everything, "t.timer") == (
        "[Unit]\n\n[Timer]\nOnCalendar=daily\nOnCalendar=12:00\nPersistent=true\n\n\n[Install]\nWantedBy=timers.target\n"
    )
    assert unit(everything, "s.socket") == (
        "[Unit]\n\n[Socket]\nAccept=yes\n\nListenStream=80\n\n\n[Install]\nWantedBy=sockets.target\n"
    )
    assert unit(everything, "g.target") == "[Unit]\nWants=a.service\n\n"


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("multi-user.target.wants/a.service", "../a.service"),
        ("r.service.requires/a.service", "../a.service"),
        ("alias.service", "a.service"),
        ("timers.target.wants/t.timer", "../t.timer"),
        ("timers.target.wants/postgresqlBackup-db1.timer", "../postgresqlBackup-db1.timer"),
        ("multi-user.target.wants/postgresql.target", "../postgresql.target"),
        ("systemd-journald.service.d/overrides.conf", "STORE/unit-systemd-journald.service/systemd-journald.service"),
        ("extra.service.d/overrides.conf", "STORE/unit-extra.service/extra.service"),
    ],
)
def test_link(everything: BuiltSite, link: str, target: str) -> None:
    path = Path(f"{everything.nix_store}{everything.toplevel}/etc/systemd/system/{link}")
    assert without_hashes(str(path.readlink())) == target


def test_disabled_unit_is_masked(everything: BuiltSite) -> None:
    path = Path(f"{everything.nix_store}{everything.toplevel}/etc/systemd/system/off.service")
    masked = Path(f"{everything.nix_store}{path.readlink()}")
    assert str(masked.readlink()) == "/dev/null"


def test_script_stops_at_the_first_error(everything: BuiltSite) -> None:
    path = f"{everything.toplevel}/etc/systemd/system/a.service"
    start = next(line for line in everything.read(path).decode().splitlines() if line.startswith("ExecStart="))
    script = everything.read(start.removeprefix("ExecStart=").split()[0]).decode()
    assert without_hashes(script) == "#!STORE/bash-5.2.15/bin/bash\nset -e\necho $1\n\n"


def test_files_of_etc(everything: BuiltSite) -> None:
    assert text(everything, "etc/my/file") == "content"
    assert not Path(f"{everything.nix_store}{everything.toplevel}/etc/copied").exists()
    rules = text(everything, "tmpfiles.d/gate.conf").splitlines()
    assert rules == [
        "d /x 0700 root - - -",
        "d '/var/backup/postgresql' 0700 postgres - - -",
        "'f' '/y' '0600' '-' '-' '-' text",
        "C+ /etc/copied 0440 postgres 0 - STORE/etc-copied",
    ]


def test_time_zone(everything: BuiltSite) -> None:
    localtime = Path(f"{everything.nix_store}{everything.toplevel}/etc/localtime")
    assert str(localtime.readlink()) == "/etc/zoneinfo/Europe/Vienna"


def test_system_path(everything: BuiltSite) -> None:
    programs = Path(f"{everything.nix_store}{Path(f'{everything.nix_store}{everything.toplevel}/sw/bin').readlink()}")
    names = {path.name for path in programs.iterdir()}
    assert {"jq", "psql", "pg_restore"} <= names
    assert "gpg" not in names


def test_default_path_comes_last(bench: Bench) -> None:
    site = bench.evaluate('{ pkgs, ... }: { systemd.services.p = { path = [ pkgs.jq ]; script = ":"; }; }')
    names = [without_hashes(path).removeprefix("STORE/") for path in search_path(site, "p.service")]
    packages = ["jq-1.6", "coreutils-9.1", "findutils-4.9.0", "gnugrep-3.8", "gnused-4.9", "systemd-252"]
    assert names == [f"{name}/bin" for name in packages] + [f"{name}/sbin" for name in packages]
