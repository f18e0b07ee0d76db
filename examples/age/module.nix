# A backup module unrelated to ../../modules: pg_dump, gzip and age in one pipe, rclone, its own units.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.dumpOffsite;
in
{
  options.services.dumpOffsite = {
    databases = lib.mkOption {
      type = lib.types.attrsOf lib.types.str;
      default = { };
      example = {
        shop = "/run/secrets/shop.key";
      };
      description = "The databases to dump, each with the SSH key (Ed25519) to which its dumps are encrypted.";
    };
    rcloneConfig = lib.mkOption {
      type = lib.types.str;
      description = "rclone's configuration.";
    };
    destination = lib.mkOption {
      type = lib.types.str;
      example = "offsite:";
      description = "Where dumps go, in rclone's notation.";
    };
  };

  config.systemd = lib.mkIf (cfg.databases != { }) {
    services = lib.mapAttrs' (
      database: keyFile:
      lib.nameValuePair "dump-offsite-${database}" {
        description = "Encrypted off-site dump of ${database}";
        requires = [ "postgresql.service" ];
        after = [
          "network-online.target"
          "postgresql.service"
        ];
        wants = [ "network-online.target" ];
        path = [
          config.services.postgresql.package
          pkgs.age
          pkgs.gzip
          pkgs.rclone
        ];
        script = ''
          set -o pipefail
          pg_dump --no-owner ${database} | gzip | age --encrypt --identity ${keyFile} > "$RUNTIME_DIRECTORY/dump"
          rclone --config ${cfg.rcloneConfig} copyto "$RUNTIME_DIRECTORY/dump" \
            "${cfg.destination}offsite/${database}-$(date +%s%N).age"
        '';
        serviceConfig = {
          Type = "oneshot";
          User = config.services.postgresql.superUser;
          RuntimeDirectory = "dump-offsite-${database}";
          RuntimeDirectoryMode = "0700";
          UMask = "0077";
        };
      }
    ) cfg.databases;

    timers = lib.mapAttrs' (
      database: _:
      lib.nameValuePair "dump-offsite-${database}" {
        wantedBy = [ "timers.target" ];
        timerConfig.OnCalendar = "hourly";
      }
    ) cfg.databases;
  };
}
