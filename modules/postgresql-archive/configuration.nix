# The program's configuration as ./pg_archive/configuration.py reads it. No secrets: paths of files with them.
{ config, lib }:
let
  cfg = config.services.postgresqlArchive;
  backup = config.services.postgresqlBackup;
in
{
  inherit (cfg)
    remote
    timeout
    retention
    objectLock
    timeLimit
    minimumPassphraseLength
    ;
  postgresqlPort = config.services.postgresql.settings.port or 0;
  rcloneConfigFile = toString cfg.rcloneConfigFile;
  spool = lib.mapNullable (spool: {
    # The units' StateDirectory.
    directory = "/var/lib/pg-archive";
    inherit (spool) files bytes;
  }) cfg.spool;
  metricsDirectory = lib.mapNullable toString cfg.metricsDirectory;
  pingUrlFile = lib.mapNullable toString cfg.pingUrlFile;
  targets = lib.mapAttrs (_: target: {
    remote = "${target.remote}:${target.path}";
    inherit (target)
      verify
      timeout
      retention
      objectLock
      ;
  }) cfg.targets;
  databases = lib.mapAttrs (name: database: {
    dump = import ./dump.nix backup name;
    inherit (backup) compression;
    passphraseFile = lib.mapNullable toString database.passphraseFile;
    inherit (database) recipients targets;
  }) cfg.databases;
}
