# services.postgresqlArchive.verify: units that restore each target's newest archive into a scratch database.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.postgresqlArchive;
in
{
  options.services.postgresqlArchive.verify = {
    enable = lib.mkEnableOption ''
      `pg-archive-verify-<database>.service`, which fetches the newest archive of each target, restores it into a
      database of its own, counts its rows, and drops it. PostgreSQL's data directory needs the size of the database
      free once more, and room for the WAL that the restore writes, which replicas and archives of WAL get too'';

    timerConfig = mkOption {
      type = types.nullOr (types.attrsOf types.unspecified);
      default = {
        OnCalendar = "weekly";
        RandomizedDelaySec = "1h";
        Persistent = true;
      };
      description = "When, as systemd.timer(5) takes it; null: only by hand.";
    };

    maxAge = mkOption {
      type = types.nullOr (types.strMatching "[0-9]+[smhdw]");
      default = "26h";
      description = ''
        How old a target's newest archive may be when the verification runs, by default once a week: nothing looks at it in
        between. It must be longer than the interval of {option}`services.postgresqlBackup.startAt`. null: any age.
      '';
    };
  };

  config = lib.mkIf (cfg.enable && cfg.verify.enable) {
    systemd.services = lib.mapAttrs' (
      name: database:
      let
        credentials = import ./credentials.nix { inherit lib cfg database; };
      in
      lib.nameValuePair "pg-archive-verify-${name}" {
        description = "Verification of the archives of ${name}";
        after = [
          "network-online.target"
          "postgresql.service"
          "postgresql.target"
          # Where both are made up for after a boot, what it looks at is the new archive.
          "postgresqlBackup-${name}.service"
        ];
        wants = [ "network-online.target" ];
        inherit (cfg) onFailure;
        restartIfChanged = false;
        serviceConfig = lib.mkMerge [
          (import ./sandbox.nix {
            inherit lib;
            # A private /var/tmp, or a larger disk, which $TMPDIR in environmentFile names.
            writable = [
              "-/srv"
              "-/mnt"
              "-/media"
            ];
          })
          credentials.lines
          {
            Type = "oneshot";
            User = config.services.postgresql.superUser;
            # It removes scratch databases that a killed process of an earlier boot, or of any user, left: it must see
            # /proc/sys/kernel/random/boot_id and the processes of others.
            ProcSubset = lib.mkOverride 900 "all";
            ProtectProc = lib.mkOverride 900 "default";
            ExecStart = lib.concatStringsSep " " (
              [
                "${cfg.package}/bin/pg-archive verify"
                credentials.flags
              ]
              ++ lib.optional (cfg.verify.maxAge != null) "--max-age=${cfg.verify.maxAge}"
              ++ [ name ]
            );
            TimeoutStartSec = lib.mkDefault "6h";
            Nice = lib.mkDefault 10;
            IOSchedulingClass = lib.mkDefault "idle";
          }
        ];
      }
    ) cfg.databases;

    systemd.timers = lib.mkIf (cfg.verify.timerConfig != null) (
      lib.mapAttrs' (
        name: _:
        lib.nameValuePair "pg-archive-verify-${name}" {
          wantedBy = [ "timers.target" ];
          inherit (cfg.verify) timerConfig;
        }
      ) cfg.databases
    );
  };
}
