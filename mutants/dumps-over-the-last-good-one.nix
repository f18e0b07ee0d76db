{
  config,
  lib,
  pkgs,
  ...
}:
{
  imports = [ ../nixos-tests/module.nix ];
  systemd.services = lib.mapAttrs' (
    name: _:
    lib.nameValuePair "postgresqlBackup-${name}" {
      path = [ pkgs.gzip ];
      script = lib.mkForce ''
        set -e -o pipefail
        umask 0077
        pg_dump --no-owner ${name} | gzip -c > ${config.services.postgresqlBackup.location}/${name}.sql.gz
      '';
    }
  ) config.gate.archives;
}
