# The part of `stdenv` that modules use: the platform.
{ lib, system }:
let
  platform = {
    inherit system;
    isLinux = true;
    isDarwin = false;
    isx86_64 = lib.hasPrefix "x86_64" system;
    isAarch64 = lib.hasPrefix "aarch64" system;
  };
in
{
  hostPlatform = platform;
  buildPlatform = platform;
  inherit (platform) isLinux isDarwin;
  inherit system;
  shell = "/bin/bash";
}
