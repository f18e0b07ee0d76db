# Other names that nixpkgs has for the same packages.
{
  lib,
  debian,
  pkgs,
}:
{
  bashInteractive = pkgs.bash;
  bashNonInteractive = pkgs.bash;
  python3Minimal = pkgs.python3;
  systemdMinimal = pkgs.systemd;
}
