# An ExecStartPost for `postgresqlBackup-<db>`: encrypts the dump that the service has just made and copies it to an
# rclone remote. Runs as the unit's user and leaves no ciphertext behind on success. Both this function and the NixOS
# module, ./postgresql-archive.nix, use this program; the file works wherever it is copied.
#
#   systemd.services."postgresqlBackup-db1".serviceConfig = import ./pg-db-archive.nix {
#     inherit config pkgs;
#     dbName = "db1";
#     fileEncKey = "/run/secrets/keys/db1"; # the passphrase, readable by postgres
#     fileRclone = "/run/secrets/rclone/database-archive.conf"; # defines the remote, readable by postgres
#   };
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
