# services.postgresqlArchive.inhibitsSleep: the host does not sleep while a database is dumped and archived.
#
# A unit of its own, which the backup units want and which stops with the last of them: it covers the dump, which is not
# our step, and it is root's, since the backup's user would be refused the lock and systemd-inhibit would not even start
# the step then.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.postgresqlArchive;
  unit = "pg-archive-awake";
in
{
  options.services.postgresqlArchive.inhibitsSleep = lib.mkOption {
    type = lib.types.bool;
    default = false;
    example = true;
    description = ''
      Keeps the host from sleeping while a database is dumped and archived: the backup units start
      `pg-archive-awake.service`, which holds an inhibitor lock of systemd's until the last of them has ended. It does
      not wake a host. Where there is no lock, as without logind, that unit fails and the backup runs all the same.
    '';
  };

  config = lib.mkIf (cfg.enable && cfg.inhibitsSleep) {
    systemd.services = {
      ${unit} = {
        description = "Keeps the host awake while PostgreSQL is backed up";
        unitConfig.StopWhenUnneeded = true;
        serviceConfig = {
          Type = "exec";
          ExecStart = lib.concatStringsSep " " [
            "${config.systemd.package}/bin/systemd-inhibit --mode=block --what=sleep"
            "--who=pg-archive --why=\"PostgreSQL is being backed up\""
            "${pkgs.coreutils}/bin/sleep infinity"
          ];
          # To systemd-inhibit alone: it would call the end of its child a failure.
          KillMode = "mixed";
        };
      };
    }
    // lib.mapAttrs' (
      name: _:
      lib.nameValuePair "postgresqlBackup-${name}" {
        wants = [ "${unit}.service" ];
        after = [ "${unit}.service" ];
      }
    ) cfg.databases;
  };
}
