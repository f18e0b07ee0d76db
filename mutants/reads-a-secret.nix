# Our module, and rclone's configuration under /etc, for operators who want to look at the stores with it.
{ config, ... }:
{
  imports = [ ../nixos-tests/module.nix ];
  environment.etc."rclone.conf".text = builtins.readFile config.gate.rcloneConfig;
}
