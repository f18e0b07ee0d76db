# What the units of a database are given: secrets as credentials, and variables; and the flags that name the credentials.
# (lib, cfg, database) → { lines, of [Service]; flags }.
{
  lib,
  cfg,
  database,
}:
let
  files = {
    "rclone.conf" = cfg.rcloneConfigFile;
  }
  // lib.optionalAttrs (database.passphraseFile != null) { passphrase = database.passphraseFile; };
in
{
  lines = {
    LoadCredential = map (name: "${name}:${toString files.${name}}") (
      [ "rclone.conf" ] ++ lib.optional (files ? passphrase) "passphrase"
    );
  }
  // lib.optionalAttrs (cfg.environmentFile != null) {
    EnvironmentFile = [ (toString cfg.environmentFile) ];
  };

  flags = lib.concatStringsSep " " (
    [ "--rclone-config=%d/rclone.conf" ]
    ++ lib.optional (files ? passphrase) "--passphrase-file=%d/passphrase"
  );
}
