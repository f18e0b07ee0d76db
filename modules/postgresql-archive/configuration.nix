# The program's configuration as ./pg_archive/configuration.py reads it. No secrets: paths of files with them.
{ config, lib }:
let
  cfg = config.services.postgresqlArchive;
  backup = config.services.postgresqlBackup;
  perTarget = target: {
    inherit (target)
      verify
      timeout
      retention
      ;
  };
in
perTarget cfg
// {
  inherit (cfg)
    remote
    timeLimit
    minimumPassphraseLength
    ;
  rcloneConfigFile = toString cfg.rcloneConfigFile;
  targets = lib.mapAttrs (
    _: target: perTarget target // { remote = "${target.remote}:${target.path}"; }
  ) cfg.targets;
  databases = lib.mapAttrs (name: database: {
    dump = import ./dump.nix backup name;
    inherit (backup) compression;
    passphraseFile = toString database.passphraseFile;
    inherit (database) targets;
  }) cfg.databases;
}
