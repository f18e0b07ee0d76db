# The NixOS module ../modules/postgresql-archive as the module under test, on any site that declares its archives with
# ./contract.nix:  pytest scenarios/ --gate-module nixos-tests/module.nix
{ config, lib, ... }:
{
  imports = [ ../modules/postgresql-archive ];

  services.postgresqlArchive = {
    enable = true;
    rcloneConfigFile = config.gate.rcloneConfig;
    remote = config.gate.rcloneRemote;
    databases = lib.mapAttrs (_: archive: { inherit (archive) passphraseFile; }) config.gate.archives;
  };

  gate.companions = [ ".manifest" ];
}
