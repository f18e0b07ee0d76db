# A backup module unrelated to ../../modules: pg_dump, gzip and age in one pipe, its own units, and rclone for each
# destination on its own, so that no union hides the one that failed.
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
    destinations = lib.mkOption {
      type = lib.types.nonEmptyListOf lib.types.str;
      example = [
        "provider-a:bucket/"
        "provider-b:bucket/"
      ];
      description = "Where each dump goes, in rclone's notation.";
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
          export RCLONE_CONFIG=${cfg.rcloneConfig}
          export RCLONE_RETRIES=2 RCLONE_LOW_LEVEL_RETRIES=3 # so that no destination takes the others' time
          cd "$RUNTIME_DIRECTORY"
          name=${database}-$(date +%s%N).age

          pg_dump --no-owner ${database} | gzip | age --encrypt --identity ${keyFile} > "$name"
          sha256sum < "$name" > sha256

          failed=0
          for destination in ${lib.escapeShellArgs cfg.destinations}; do
            {
              rclone copy "$name" "''${destination}offsite" &&
                { rclone cat "''${destination}offsite/$name" | sha256sum --check --quiet sha256 ||
                  { rclone deletefile "''${destination}offsite/$name"; false; }; } ||
                { rclone lsf "$destination" > /dev/null; false; } # says why a store refuses, which copy may not
            } 2>&1 | sed "s|^|$destination |" || failed=1
          done
          exit "$failed"
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
