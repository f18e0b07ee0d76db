{ config, lib, ... }:
{
  imports = [ ../nixos-tests/module.nix ];
  systemd.timers = lib.mapAttrs' (
    database: _: lib.nameValuePair "postgresqlBackup-${database}" { wantedBy = lib.mkForce [ ]; }
  ) config.gate.archives;
}
