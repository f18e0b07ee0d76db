{ lib, ... }:
{
  imports = [ ../nixos-tests/module.nix ];
  services.postgresqlBackup.pgdumpOptions = lib.mkForce "--no-owner --schema=public";
}
