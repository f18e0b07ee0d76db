# The secrets of ../flake/configuration.nix with sops-nix: import this and its module, `sops-nix.nixosModules.sops`.
#
# secrets.yaml, encrypted by `sops`, holds
#   keys:   { shop: a long random passphrase }
#   rclone: { database-archive.conf: the whole of rclone's configuration }
# and each becomes /run/secrets/<name>, 0400, root's: systemd reads it and hands it to the unit, at each run.
{ config, ... }:
{
  sops = {
    defaultSopsFile = ./secrets.yaml;
    age.sshKeyPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
    secrets."keys/shop" = { };
    secrets."rclone/database-archive.conf" = { };
  };

  services.postgresqlArchive = {
    rcloneConfigFile = config.sops.secrets."rclone/database-archive.conf".path;
    databases.shop.passphraseFile = config.sops.secrets."keys/shop".path;
  };
}
