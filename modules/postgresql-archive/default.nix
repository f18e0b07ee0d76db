# services.postgresqlArchive: encrypts the dumps of `services.postgresqlBackup` and puts them into several stores, each
# verified on its own.
#
#   services.postgresqlArchive = {
#     enable = true;
#     rcloneConfigFile = "/run/secrets/rclone/database-archive.conf";
#     databases.db1.passphraseFile = "/run/secrets/keys/db1";
#   };
{
  # Imported twice, even from two copies of this project, it is one module.
  key = "pg-archive-gate: services.postgresqlArchive";

  imports = [
    ./options.nix
    ./assertions.nix
    ./awake.nix
    ./units.nix
    ./verification.nix
  ];
}
