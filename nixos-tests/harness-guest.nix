# What a NixOS machine needs so that the harness can drive it: the agent at the other end of the command channel, the
# programs that place secrets and watch executions, and two files that the harness adds to after the boot.
{ pkgs, ... }:
let
  # In a wheel this file is in the package, not beside it.
  harness = if builtins.pathExists ../harness then ../harness else ../.;
  port = "org.pg-archive-gate.command";
  device = "dev-virtio\\x2dports-org.pg\\x2darchive\\x2dgate.command.device";

  # Found where they are on every guest.
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

  # Secrets come back at each boot, as with sops-nix.
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

  # What the harness has added to files of /etc, which activation wrote anew before systemd started.
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
    script = ''
      cd /var/lib/pg-archive-gate/added
      # No sh here: it is not among the programs that NixOS gives a service, and find would not fail without it.
      find . -type f -print0 | while IFS= read -r -d "" file; do
        cat "$file" >> "/$file"
      done
    '';
  };

  systemd.tmpfiles.settings.pg-archive-gate."/usr/lib/pg-archive-gate"."L+".argument = "${programs}";

  # Files, not links into the store: the stores' names and their authority are known only when they run.
  environment.etc.hosts.mode = "0644";
  environment.etc."ssl/certs/ca-certificates.crt".mode = "0644";

  environment.systemPackages = [ pkgs.python3 ];

  # The journal is what scenarios read; no run of theirs may be cut short in it. By a file of systemd's, not by NixOS's
  # option: services.journald.rateLimitBurst became services.journald.settings.Journal.RateLimitBurst.
  environment.etc."systemd/journald.conf.d/pg-archive-gate.conf".text = ''
    [Journal]
    RateLimitBurst=0
  '';
}
