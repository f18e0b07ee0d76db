# The site that the gate tests by default: two databases, dumped and archived a quarter past every hour.
#
# An ordinary NixOS configuration, independent of the guest. The module argument `archive` does the archiving: a
# function with the calling convention of ../modules/pg-db-archive.nix. The gate replaces it by the one under test, or by
# null if the module under test wires itself into the units.
{
  archive,
  config,
  databases,
  lib,
  pkgs,
  ...
}:
let
  passphraseFile = database: "/run/secrets/keys/${database}";
  rcloneConfig = "/run/secrets/rclone/database-archive.conf";
in
{
  imports = [ ./contract.nix ];

  _module.args = {
    archive = lib.mkDefault (import ../modules/pg-db-archive.nix);
    databases = lib.mkDefault [
      "db1"
      "db2"
    ];
  };

  time.timeZone = "UTC";
  system.stateVersion = "26.05";

  services.postgresql = {
    enable = true;
    # Not the state version's default: a guest has its distribution's.
    package = pkgs.postgresql;
    enableTCPIP = true;
    ensureDatabases = databases;
  };

  services.postgresqlBackup = {
    enable = true;
    startAt = "*-*-* *:15:00";
    pgdumpOptions = "--no-owner";
    inherit databases;
  };

  systemd.services = lib.mkIf (archive != null) (
    lib.listToAttrs (
      map (database: {
        name = "postgresqlBackup-${database}";
        value.serviceConfig = archive (
          {
            inherit config pkgs;
            dbName = database;
            fileEncKey = passphraseFile database;
            fileRclone = rcloneConfig;
          }
          # A function that asks for it is told.
          // lib.optionalAttrs (lib.functionArgs archive ? timeLimit) { inherit (config.gate) timeLimit; }
        );
      }) databases
    )
  );
  # Nor can such a function have a run made up for that was missed; a NixOS module can.
  systemd.timers = lib.mkIf (archive != null) (
    lib.genAttrs (map (database: "postgresqlBackup-${database}") databases) (_: {
      timerConfig.Persistent = true;
    })
  );

  gate = {
    inherit rcloneConfig;
    # A function may say what it puts beside each archive, and by what program, which also restores.
    companions = lib.mkIf (archive ? companions) archive.companions;
    restore = lib.mkIf (archive ? package) (
      import ./restore.nix {
        inherit pkgs;
        package = archive.package { inherit config pkgs; };
      }
    );
    archives = lib.genAttrs databases (database: {
      passphraseFile = passphraseFile database;
    });
  };
}
