# The part of a host's configuration that backs up and archives. The secrets are put in place by whatever you use;
# ../sops-nix does it by sops-nix.
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
