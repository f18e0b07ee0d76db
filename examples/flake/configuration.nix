# The part of a host's configuration that backs up and archives. Provide the secrets by any means;
# ../sops-nix uses sops-nix.
{
  services.postgresql = {
    enable = true;
    ensureDatabases = [ "shop" ];
  };

  services.postgresqlBackup = {
    enable = true;
    startAt = "*-*-* *:15:00";
    pgdumpOptions = "--no-owner";
    databases = [ "shop" ];
  };

  services.postgresqlArchive = {
    enable = true;
    rcloneConfigFile = "/run/secrets/rclone/database-archive.conf";
    databases.shop.passphraseFile = "/run/secrets/keys/shop";
  };

  system.stateVersion = "26.05";
}
