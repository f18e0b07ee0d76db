# The secrets of ../flake/configuration.nix with agenix: import this and its module, `agenix.nixosModules.default`.
#
# Each file, encrypted by `agenix -e`, becomes /run/agenix/<name>, 0400, root's: systemd reads it and hands it to the unit.
{ config, ... }:
{
  age.secrets = {
    # One line: a long random passphrase.
    shop-passphrase.file = ./shop-passphrase.age;
    # The whole of rclone's configuration.
    rclone.file = ./rclone.age;
  };

  services.postgresqlArchive = {
    rcloneConfigFile = config.age.secrets.rclone.path;
    databases.shop.passphraseFile = config.age.secrets.shop-passphrase.path;
  };
}
