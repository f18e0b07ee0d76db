# Our module, with a lock of its user's own: a directory, flushed when it is made, removed when the unit ends.
{ config, ... }:
let
  inherit (config.services.postgresqlBackup) location;
in
{
  imports = [ ../nixos-tests/module.nix ];
  services.postgresqlArchive = {
    backupPrepareCommand = ''
      mkdir ${location}/lock
      sync ${location}
    '';
    backupCleanupCommand = "rmdir ${location}/lock";
  };
}
