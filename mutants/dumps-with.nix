# The article's recipe after another script that dumps: `script`, a function of the database and its dump's file.
{
  script,
  archive ? import ../examples/article/pg-db-archive.nix,
}:
{
  config,
  lib,
  pkgs,
  ...
}:
{
  systemd.services = lib.mapAttrs' (
    name: database:
    lib.nameValuePair "postgresqlBackup-${name}" {
      path = [ pkgs.gzip ];
      script = lib.mkForce (script name "${config.services.postgresqlBackup.location}/${name}.sql.gz");
      serviceConfig = archive {
        inherit config pkgs;
        dbName = name;
        fileEncKey = database.passphraseFile;
        fileRclone = config.gate.rcloneConfig;
      };
    }
  ) config.gate.archives;
}
