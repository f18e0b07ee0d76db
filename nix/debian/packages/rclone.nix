# rclone: a current release, as nixpkgs ships it, or Debian's. How a union fails differs between them.
{
  lib,
  debian,
  pkgs,
}:
let
  program = {
    current = "/usr/lib/pg-archive-gate/rclone";
    debian = "/usr/bin/rclone";
  };
in
{
  rclone = pkgs.linkTree {
    name = "rclone-${debian.rclone}";
    meta.mainProgram = "rclone";
    passthru.pname = "rclone";
  } { "bin/rclone" = program.${debian.rclone}; };
}
