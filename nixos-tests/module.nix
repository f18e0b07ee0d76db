# The NixOS module ../modules/postgresql-archive as the module under test, on any site that declares its archives with
# ./contract.nix:  pytest scenarios/ --gate-module nixos-tests/module.nix
{ config, lib, ... }:
let
  inherit (config.gate) archives rcloneConfig rcloneRemote;
in
{
  imports = [ ../modules/postgresql-archive ];

  services.postgresqlArchive = {
    enable = true;
    rcloneConfigFile = rcloneConfig;
    remote = rcloneRemote;
    databases = lib.mapAttrs (_: archive: { inherit (archive) passphraseFile; }) archives;
  };

  # Nobody else need read them.
  gate.secrets =
    lib.genAttrs ([ rcloneConfig ] ++ lib.mapAttrsToList (_: archive: archive.passphraseFile) archives)
      (_: {
        owner = "root";
        group = "root";
      });
}
