# What a NixOS machine needs to be driven by the harness: the agent for the command channel, the programs that place
# secrets and watch executions, and two files that the harness appends to after the boot.
{ pkgs, ... }:
let
  # In a wheel this file is in the package, not beside it.
  harness = if builtins.pathExists ../harness then ../harness else ../.;
  port = "org.pg-archive-gate.command";
  device = "dev-virtio\\x2dports-org.pg\\x2darchive\\x2dgate.command.device";

  # At the same path on every guest.
  programs = pkgs.runCommand "pg-archive-gate-guest-programs" { buildInputs = [ pkgs.python3 ]; } ''
    cp --recursive ${harness + "/guest/image/files/usr/lib/pg-archive-gate"} $out
    chmod --recursive u+w $out
    patchShebangs --host $out
  '';
in
{
  boot.kernelModules = [ "virtio_console" ];

  systemd.services.pg-archive-gate-agent = {
    description = "Command channel of pg-archive-gate";
    wantedBy = [ "multi-user.target" ];
    requires = [ device ];
    after = [ device ];
    unitConfig.StartLimitIntervalSec = 0;
    serviceConfig = {
      ExecStart = "${pkgs.python3}/bin/python3 -I ${harness + "/machine/agent.py"} /dev/virtio-ports/${port}";
      Restart = "always";
      RestartSec = "100ms";
      TimeoutStopSec = 2;
      OOMScoreAdjust = -1000;
    };
  };

  # Secrets are placed at each boot, as with sops-nix.
  systemd.services.gate-secrets = {
    description = "Secrets of the site under test";
    wantedBy = [ "sysinit.target" ];
    before = [ "sysinit.target" ];
    unitConfig = {
      DefaultDependencies = false;
      ConditionPathExists = "/var/lib/pg-archive-gate/secrets.tar";
      RequiresMountsFor = "/var/lib";
    };
    path = [
      pkgs.gnutar
      pkgs.util-linux
    ];
    serviceConfig = {
      Type = "oneshot";
      RemainAfterExit = true;
      ExecStart = "${programs}/place-secrets";
    };
  };

  # What the harness has appended to files of /etc, which activation rewrote before systemd started.
  systemd.services.gate-added = {
    description = "Hosts and authorities of the stores";
    wantedBy = [ "sysinit.target" ];
    before = [ "sysinit.target" ];
    unitConfig = {
      DefaultDependencies = false;
      ConditionPathExists = "/var/lib/pg-archive-gate/added";
      RequiresMountsFor = "/var/lib";
    };
    serviceConfig = {
      Type = "oneshot";
      RemainAfterExit = true;
    };
    script = builtins.readFile ./append-added.sh;
  };

  systemd.tmpfiles.settings.pg-archive-gate."/usr/lib/pg-archive-gate"."L+".argument = "${programs}";

  # Files, not links into the Nix store: the stores' names and authority are known only at run time.
  environment.etc.hosts.mode = "0644";
  environment.etc."ssl/certs/ca-certificates.crt".mode = "0644";

  environment.systemPackages = [ pkgs.python3 ];

  # Scenarios read the journal, so it must be complete. Set in a file for systemd, not by NixOS's option, because
  # services.journald.rateLimitBurst became services.journald.settings.Journal.RateLimitBurst.
  environment.etc."systemd/journald.conf.d/pg-archive-gate.conf".text = ''
    [Journal]
    RateLimitBurst=0
  '';
}
