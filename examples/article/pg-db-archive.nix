# The article's plain recipe, as published: an ExecStartPost for `postgresqlBackup-<db>` that encrypts the dump that the
# service has just made and copies it to an rclone remote. It is the baseline, measured to lose a store silently: with a
# union remote, one refused request is enough for `rclone copy` to succeed without that store. Do not deploy it; its
# successor with the same arguments is ../../modules/pg-db-archive.nix.
#
#   pytest scenarios/ --gate-module examples/article/pg-db-archive.nix
{
  config,
  pkgs,
  dbName,
  fileEncKey,
  fileRclone,
  remote ? "archive-target-database",
}:
let
  inherit (config.services.postgresqlBackup) location;
  # The shell gets each value as one word, whatever it contains.
  word = pkgs.lib.escapeShellArg;

  archive = pkgs.writeShellApplication {
    name = "pg-db-archive";
    runtimeInputs = [
      pkgs.coreutils
      pkgs.gnupg
      pkgs.rclone
    ];
    text = ''
      dump=${word "${location}/${dbName}.sql.gz"}
      archive=${word "${location}/${dbName}"}_$(date --utc +%Y%m%dT%H%M%SZ).sql.gz.enc

      echo "Encrypting database dump..."
      gpg --symmetric --cipher-algo AES256 --batch --yes --passphrase-file ${word fileEncKey} --output "$archive" "$dump"
      echo "Database file is encrypted successfully."

      echo "Archiving encrypted database dump..."
      rclone --config ${word fileRclone} copy "$archive" ${word "${remote}:/${dbName}/"}
      echo "Encrypted database file is archived successfully."

      echo "Removing local encrypted database dump..."
      rm -f "$archive"
      echo "Local encrypted database file is removed successfully."
    '';
  };
in
{
  # A list, so that a site can add steps.
  ExecStartPost = [ "${archive}/bin/pg-db-archive" ];
}
