{ config, lib, ... }:
{
  imports = [ ../nixos-tests/module.nix ];
  systemd.services = lib.mapAttrs' (
    database: _:
    lib.nameValuePair "postgresqlBackup-${database}" { postStop = lib.mkForce ""; }
  ) config.gate.archives;
}
