# The secrets of ../flake/configuration.nix with sops-nix: import this and its module, `sops-nix.nixosModules.sops`.
#
# secrets.yaml, encrypted by `sops`, holds
#   keys:   { shop: a long random passphrase }
#   rclone: { database-archive.conf: the whole of rclone's configuration }
# and each becomes /run/secrets/<name>, 0400, with the owner given here.
{ config, ... }:
let
  forPostgres = {
    owner = config.systemd.services.postgresql.serviceConfig.User;
    # The units read them at each run: nothing needs a restart when they change.
    restartUnits = [ ];
  };
in
{
  sops = {
    defaultSopsFile = ./secrets.yaml;
    age.sshKeyPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
    secrets."keys/shop" = forPostgres;
    secrets."rclone/database-archive.conf" = forPostgres;
  };

  services.postgresqlArchive = {
    rcloneConfigFile = config.sops.secrets."rclone/database-archive.conf".path;
    databases.shop.passphraseFile = config.sops.secrets."keys/shop".path;
  };
}
