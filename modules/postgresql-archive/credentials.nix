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
  names = [ "rclone.conf" ] ++ lib.optional (files ? passphrase) "passphrase";
in
{
  lines = {
    LoadCredential = map (name: "${name}:${toString files.${name}}") names;
    # In place of a file that is missing: an empty one, of which the program says what is wrong. systemd 252 says
    # "Protocol error", and starts nothing that could say more.
    SetCredential = map (name: "${name}:\\n") names;
  }
  // lib.optionalAttrs (cfg.environmentFile != null) {
    EnvironmentFile = [ (toString cfg.environmentFile) ];
  };

  flags = lib.concatStringsSep " " (
    [ "--rclone-config=%d/rclone.conf" ]
    ++ lib.optional (files ? passphrase) "--passphrase-file=%d/passphrase"
  );
}
