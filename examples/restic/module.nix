# A backup module unrelated to ../../modules: pg_dump into restic, one repository for each database and destination.
# Each destination gets its own upload from the same dump, so that one that fails takes nothing from the others.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.dumpToRestic;

  archive = pkgs.writeShellApplication {
    name = "archive";
    runtimeInputs = [
      pkgs.coreutils
      pkgs.diffutils
      pkgs.jq
      pkgs.rclone
      pkgs.restic
    ];
    text = builtins.readFile ./archive.sh;
  };
in
{
  options.services.dumpToRestic = {
    databases = lib.mkOption {
      type = lib.types.attrsOf lib.types.str;
      default = { };
      example = {
        shop = "/run/secrets/shop.password";
      };
      description = "The databases to dump, each with the file that has its repositories' password.";
    };
    rcloneConfig = lib.mkOption {
      type = lib.types.str;
      description = "rclone's configuration.";
    };
    remotes = lib.mkOption {
      type = lib.types.nonEmptyListOf lib.types.str;
      example = [
        "provider-a"
        "provider-b"
      ];
      description = "The remotes in it that get a repository each.";
    };
    timeLimit = lib.mkOption {
      type = lib.types.ints.positive;
      default = 600;
      description = "Seconds that the upload to one remote may take.";
    };
  };

  config.systemd = lib.mkIf (cfg.databases != { }) {
    services = lib.mapAttrs' (
      database: passwordFile:
      lib.nameValuePair "dump-to-restic-${database}" {
        description = "Dump of ${database} into restic's repositories";
        requires = [ "postgresql.service" ];
        after = [
          "network-online.target"
          "postgresql.service"
        ];
        wants = [ "network-online.target" ];
        path = [
          config.services.postgresql.package
          archive
        ];
        environment = {
          RCLONE_CONFIG = cfg.rcloneConfig;
          RESTIC_PASSWORD_FILE = passwordFile;
          TMPDIR = "/run/dump-to-restic-${database}";
        };
        script = ''
          set -o pipefail
          cd "$RUNTIME_DIRECTORY"
          pg_dump --no-owner ${database} > ${database}.sql

          failed=0
          for remote in ${lib.escapeShellArgs cfg.remotes}; do
            timeout --kill-after=10 ${toString cfg.timeLimit} archive ${database} ${database}.sql "$remote" 2>&1 |
              sed "s|^|$remote: |" || failed=1
          done
          exit "$failed"
        '';
        serviceConfig = {
          Type = "oneshot";
          User = config.services.postgresql.superUser;
          RuntimeDirectory = "dump-to-restic-${database}";
          RuntimeDirectoryMode = "0700";
          UMask = "0077";
        };
      }
    ) cfg.databases;

    timers = lib.mapAttrs' (
      database: _:
      lib.nameValuePair "dump-to-restic-${database}" {
        wantedBy = [ "timers.target" ];
        timerConfig.OnCalendar = "hourly";
      }
    ) cfg.databases;
  };
}
